// What people write in a conversation that was handed over: fetched while one is awaited or talks. Knows no drawing.

const EVERY_MS = 4_000;

export class People {
  /** `show` draws a message of a person, or the sentence with which the assistant comes back. */
  constructor(client, memory, show) {
    this.client = client;
    this.memory = memory;
    this.show = show;
    this.known = new Set();
    this.timer = null;
    this.paused = false;
  }

  /** An answer that stands on the page already. Its tier tells whether a person is awaited. */
  note(answer) {
    this.known.add(answer.message_id);
    if (answer.tier === "handed_over" || answer.tier === "person") this.listen(answer.message_id);
  }

  /** Go on after this message, also when the page is opened again. */
  listen(after) {
    if (!this.memory.heard) this.memory.heard = after;
    this.timer ??= setInterval(() => this.#look().catch(() => {}), EVERY_MS);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.memory.heard = null;
  }

  async #look() {
    if (this.paused || document.hidden) return;
    const { state, messages } = await this.client.said(this.memory.conversation, this.memory.heard);
    if (this.paused || !this.timer) return;
    for (const message of messages) {
      this.memory.heard = message.id;
      if (message.author === "customer" || this.known.has(message.id)) continue;
      this.known.add(message.id);
      this.show(message);
    }
    if (state === "assistant") this.stop();
  }
}
