// Talks to the server: becomes a visitor, asks, streams the answer, rates it. Knows nothing of the page.

const API = "/api/v1";
const SILENCE_MS = 30_000; // the server says something at least every ten seconds

/** The server answered with a problem (application/problem+json). */
export class Problem extends Error {
  constructor(body) {
    super(body.detail);
    this.status = body.status;
    this.code = body.code;
  }
}

/** Nobody answered, or the answer broke off. `begun`: its beginning had arrived. */
export class Unreachable extends Error {
  constructor(begun) {
    super("unreachable");
    this.begun = begun;
  }
}

export class Client {
  constructor(assistant, memory, language) {
    this.assistant = assistant;
    this.memory = memory;
    this.language = language;
  }

  /** Yields {event, data}: token, citations, done. `question` is {text, key, conversation}; asking again with the same is safe. */
  async *ask(question, signal) {
    let response = await this.#post("/chat", question, signal);
    if (response.status === 401) {
      this.memory.forgetVisitor();
      question.conversation = null;
      response = await this.#post("/chat", question, signal);
    }
    if (!response.ok) throw await problemOf(response);
    yield* events(response, signal);
  }

  async rate(message, score) {
    const response = await fetch(`${API}/messages/${message}/feedback`, {
      method: "POST",
      headers: { ...(await this.#headers()), "Content-Type": "application/json" },
      body: JSON.stringify({ score }),
    });
    if (!response.ok) throw await problemOf(response);
  }

  /** What was said in a conversation after a message: {state, messages}. */
  async said(conversation, after) {
    const address = `${API}/conversations/${conversation}/messages?after=${after}`;
    const response = await reach(address, { headers: await this.#headers() });
    if (!response.ok) throw await problemOf(response);
    return response.json();
  }

  async #post(path, question, signal) {
    const headers = {
      ...(await this.#headers()),
      "Content-Type": "application/json",
      Accept: "text/event-stream",
      "Idempotency-Key": question.key,
    };
    const body = { message: question.text };
    if (question.conversation) body.conversation_id = question.conversation;
    return reach(`${API}${path}`, { method: "POST", headers, body: JSON.stringify(body), signal });
  }

  async #headers() {
    if (!this.memory.visitor) {
      const response = await reach(`${API}/assistants/${this.assistant}/visitors`, {
        method: "POST",
        headers: { "Accept-Language": this.language },
      });
      if (!response.ok) throw await problemOf(response);
      this.memory.visitor = (await response.json()).token;
    }
    return { Authorization: `Bearer ${this.memory.visitor}`, "Accept-Language": this.language };
  }
}

async function reach(address, options) {
  try {
    return await fetch(address, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unreachable(false);
  }
}

async function problemOf(response) {
  try {
    return new Problem(await response.json());
  } catch {
    return new Unreachable(false);
  }
}

async function* events(response, signal) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  let begun = false;
  try {
    for (;;) {
      const { value, done } = await orSilence(reader.read());
      if (done) break;
      held += value;
      let end;
      while ((end = held.indexOf("\n\n")) >= 0) {
        const event = parse(held.slice(0, end));
        held = held.slice(end + 2);
        if (!event) continue;
        if (event.event === "error") throw new Problem(event.data);
        begun = true;
        yield event;
        if (event.event === "done") return;
      }
    }
  } catch (error) {
    if (error instanceof Problem || signal.aborted) throw error;
    throw new Unreachable(begun);
  } finally {
    reader.cancel().catch(() => {});
  }
  throw new Unreachable(begun);
}

function orSilence(reading) {
  let timer;
  const silence = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("silence")), SILENCE_MS);
  });
  return Promise.race([reading, silence]).finally(() => clearTimeout(timer));
}

function parse(block) {
  let event = "message";
  let data = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) event = line.slice(7);
    else if (line.startsWith("data: ")) data += line.slice(6);
  }
  return data ? { event, data: JSON.parse(data) } : null;
}
