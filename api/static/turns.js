// Draws turns of a conversation. Text is only ever set as text, never as HTML.

const LINK = /https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]]/g;

export class Turns {
  constructor(log, name, strings, rate) {
    this.log = log;
    this.name = name;
    this.strings = strings;
    this.rate = rate;
  }

  customer(text) {
    return this.#add("customer", text);
  }

  /** An empty answer that shows that somebody is looking. */
  waiting() {
    const turn = this.#add("assistant", this.strings["web-thinking"]);
    turn.classList.add("waiting");
    turn.setAttribute("aria-busy", "true");
    return turn;
  }

  write(turn, text) {
    const place = turn.querySelector(".text");
    if (turn.classList.replace("waiting", "writing")) place.textContent = "";
    place.append(text);
    this.show();
  }

  finish(turn, answer) {
    turn.classList.remove("waiting", "writing");
    turn.classList.add(answer.tier);
    turn.removeAttribute("aria-busy");
    fill(turn.querySelector(".text"), answer.answer);
    if (answer.citations.length) turn.querySelector(".bubble").append(this.#sources(answer.citations));
    turn.append(this.#verdict(answer));
    this.show();
  }

  answer(answer) {
    this.finish(this.#add("assistant", ""), answer);
  }

  /** What a person wrote, or the assistant when he comes back. */
  person(message) {
    const turn = this.#add("assistant", message.text);
    if (message.author !== "operator") return;
    turn.classList.add("person");
    const who = document.createElement("p");
    who.className = "who";
    who.textContent = this.strings["web-person"];
    turn.querySelector(".bubble").append(who);
    this.show();
  }

  /** What went wrong, under a turn or alone, and a way to go on. */
  trouble(reason, again) {
    const box = copy("trouble-template");
    box.querySelector(".reason").textContent = reason;
    box.querySelector("button").addEventListener("click", () => {
      box.remove();
      again();
    });
    this.log.append(box);
    this.show();
  }

  show() {
    this.log.scrollTo({ top: this.log.scrollHeight });
  }

  #add(author, text) {
    const turn = copy("turn-template");
    turn.classList.add(author);
    fill(turn.querySelector(".text"), text);
    this.log.append(turn);
    this.show();
    return turn;
  }

  #sources(citations) {
    const box = document.createElement("div");
    box.className = "sources";
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", this.strings["web-sources"]);
    for (const citation of citations) {
      const source = copy("source-template");
      source.querySelector(".document").textContent = citation.document;
      if (citation.page) {
        source.querySelector(".page").textContent = this.strings["web-page"].replace("%n", citation.page);
      }
      source.querySelector("blockquote").textContent = citation.quote;
      if (/^https?:\/\//.test(citation.url)) {
        const link = source.querySelector(".page-link");
        link.href = citation.url;
        link.hidden = false;
      }
      source.addEventListener("toggle", () => source.open && source.scrollIntoView({ block: "nearest" }));
      box.append(source);
    }
    return box;
  }

  #verdict(answer) {
    const verdict = copy("verdict-template");
    verdict.querySelector(".tier").textContent = this.strings[`web-tier-${answer.tier}`] || "";
    const buttons = verdict.querySelectorAll("[data-score]");
    for (const button of buttons) {
      button.addEventListener("click", async () => {
        const given = button.getAttribute("aria-pressed") === "true" ? 0 : Number(button.dataset.score);
        for (const other of buttons) other.setAttribute("aria-pressed", String(other === button && given !== 0));
        await this.rate(answer.message_id, given);
        verdict.querySelector(".thanks").textContent = given ? this.strings["web-thanks"] : "";
      });
    }
    return verdict;
  }
}

function copy(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}

function fill(place, text) {
  place.textContent = "";
  let from = 0;
  for (const found of text.matchAll(LINK)) {
    const link = document.createElement("a");
    link.href = found[0];
    link.rel = "noopener nofollow";
    link.target = "_blank";
    link.textContent = found[0];
    place.append(text.slice(from, found.index), link);
    from = found.index + found[0].length;
  }
  place.append(text.slice(from));
}
