// What this browser remembers of one assistant: the visitor's token, the conversation, the last turns.

const MOST_TURNS = 60;

export class Memory {
  constructor(assistant) {
    this.place = `llmchatbot:${assistant}`;
    this.kept = { visitor: null, conversation: null, turns: [], pending: null, heard: null };
    try {
      Object.assign(this.kept, JSON.parse(localStorage.getItem(this.place) || "{}"));
    } catch {
      // unreadable, or storage is forbidden: begin anew
    }
  }

  get visitor() {
    return this.kept.visitor;
  }

  set visitor(token) {
    this.#keep({ visitor: token });
  }

  get conversation() {
    return this.kept.conversation;
  }

  set conversation(id) {
    this.#keep({ conversation: id });
  }

  /** The question that has no answer yet. */
  get pending() {
    return this.kept.pending;
  }

  set pending(question) {
    this.#keep({ pending: question });
  }

  /** The last message that is known of a conversation in which a person is awaited or talks; null in all others. */
  get heard() {
    return this.kept.heard;
  }

  set heard(id) {
    this.#keep({ heard: id });
  }

  get turns() {
    return this.kept.turns;
  }

  addTurn(turn) {
    this.#keep({ turns: [...this.kept.turns, turn].slice(-MOST_TURNS) });
  }

  /** A new visitor has no part in the old one's conversation. */
  forgetVisitor() {
    this.#keep({ visitor: null, conversation: null, heard: null });
  }

  forgetAll() {
    this.#keep({ visitor: null, conversation: null, turns: [], pending: null, heard: null });
  }

  #keep(change) {
    Object.assign(this.kept, change);
    try {
      localStorage.setItem(this.place, JSON.stringify(this.kept));
    } catch {
      // storage is full or forbidden: the page works until it is closed
    }
  }
}
