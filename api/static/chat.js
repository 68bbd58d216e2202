// The chat page: what happens when somebody asks.

import { Client, Problem, Unreachable } from "./client.js";
import { Memory } from "./memory.js";
import { People } from "./people.js";
import { Turns } from "./turns.js";

const chat = document.getElementById("chat");
const form = document.getElementById("ask");
const field = document.getElementById("question");
const stop = document.getElementById("stop");
const send = form.querySelector("[type=submit]");
const newChat = document.getElementById("new-chat");
const samples = document.getElementById("samples");
const strings = JSON.parse(chat.dataset.strings);

const memory = new Memory(chat.dataset.assistant);
const client = new Client(chat.dataset.assistant, memory, document.documentElement.lang);
const turns = new Turns(document.getElementById("log"), chat.dataset.name, strings, (message, score) => client.rate(message, score).catch(() => {}));
const people = new People(client, memory, (message) => {
  memory.addTurn({ person: message });
  turns.person(message);
});
let asking = null;

function ask(text) {
  text = text.trim();
  if (!text || asking) return;
  const question = { text, key: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, conversation: memory.conversation };
  samples?.remove();
  newChat.hidden = false;
  turns.customer(text);
  memory.addTurn({ customer: text });
  answer(question);
}

/** Get the answer to a question that is on the page already; the same key again is the same question. */
async function answer(question) {
  memory.pending = question;
  busy(new AbortController());
  const turn = turns.waiting();
  try {
    for await (const { event, data } of client.ask(question, asking.signal)) {
      if (event === "token") turns.write(turn, data.text);
      if (event === "done") finish(turn, data);
    }
  } catch (error) {
    turn.remove();
    failed(error, question);
  } finally {
    busy(null);
  }
}

function finish(turn, whole) {
  memory.conversation = whole.conversation_id;
  memory.pending = null;
  if (whole.tier === "person") {
    turn.remove(); // a person answers, the assistant says nothing
  } else {
    memory.addTurn({ answer: whole });
    turns.finish(turn, whole);
  }
  people.note(whole);
}

function failed(error, question) {
  let reason = strings["web-unreachable"];
  if (asking.signal.aborted) reason = strings["web-stopped"];
  else if (error instanceof Problem) reason = error.message;
  else if (error instanceof Unreachable && error.begun) reason = strings["web-interrupted"];
  else if (!(error instanceof Unreachable)) console.error(error);
  if (error instanceof Problem && error.status === 404) {
    memory.forgetVisitor();
    question = { ...question, conversation: null, key: `${question.key}-again` };
  }
  turns.trouble(reason, () => answer(question));
}

function busy(controller) {
  asking = controller;
  people.paused = Boolean(controller);
  stop.hidden = !controller;
  send.hidden = Boolean(controller);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (asking) return;
  ask(field.value);
  field.value = "";
  grow();
});
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});
field.addEventListener("input", grow);
stop.addEventListener("click", () => asking?.abort());
samples?.addEventListener("click", (event) => {
  if (event.target.matches("button")) ask(event.target.textContent);
});
newChat.addEventListener("click", () => {
  asking?.abort();
  people.stop();
  memory.forgetAll();
  location.reload();
});

function grow() {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

for (const turn of memory.turns) {
  if (turn.customer) turns.customer(turn.customer);
  else if (turn.person) turns.person(turn.person);
  else turns.answer(turn.answer);
}
if (memory.turns.length) {
  samples?.remove();
  newChat.hidden = false;
}
if (memory.heard) people.listen(memory.heard);
if (memory.pending) turns.trouble(strings["web-interrupted"], () => answer(memory.pending));
if (matchMedia("(hover: hover)").matches) field.focus();
