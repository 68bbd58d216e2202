"""Signs that a sentence gives orders to a model: the families of `signs.txt` as patterns, and marks of conversations.

Every gap is bounded, so time grows with the length of a text and no faster. Refuses to know documents and to count:
`core/screening/instructions.py` does.
"""

import re
from collections.abc import Iterator
from pathlib import Path

_FILE = Path(__file__).with_name("signs.txt")
_SHAPES = (("_", " "), ("*", r"\w*"), ("+", "(?:те)?"), ("ё", "е"))


class _Language:
    """The small language of `signs.txt`, which explains itself there."""

    def __init__(self) -> None:
        self.signs: list[tuple[str, int, re.Pattern[str]]] = []
        self._words: dict[str, str] = {}
        self._sequences: dict[str, list[str]] = {}

    def read(self, text: str) -> None:
        for entry in _entries(text):
            name, mark, rest = entry.split(" ", 2)
            if mark == "=":
                self._words[name] = rest
            elif mark == "~":
                self._sequences.setdefault(name, []).append(self._sequence(rest))
            else:
                self.signs.append((name, int(mark.rstrip(":")), re.compile(self._sequence(rest))))

    def _sequence(self, text: str) -> str:
        return "".join(map(self._part, text.split()))

    def _part(self, part: str) -> str:
        if part[0] == "…":
            return rf"(?:\S+ ){{0,{part[1:]}}}?"
        if part[0] == "/":
            return f"{part[1:-1]} "
        if part in self._sequences:
            return f"(?:{'|'.join(self._sequences[part])})"
        if part[0] == "!":
            return f"(?!{self._any_of(part[1:])})"
        if part.endswith("?"):
            return f"(?:{self._any_of(part[:-1])})?"
        if part.endswith("{3}"):
            return f"(?:{self._any_of(part[:-3])}){{0,3}}"
        return self._any_of(part)

    def _any_of(self, words: str) -> str:
        found = [inner for word in words.split("|") for inner in self._words.get(word, word).split("|")]
        for mark, shape in _SHAPES:
            found = [word.replace(mark, shape) for word in found]
        whole = rf"\b(?:{'|'.join(word for word in found if word != ',')}) "
        return f"(?:, |{whole})" if "," in found else whole


def _entries(text: str) -> Iterator[str]:
    """Lines with the indented ones that go on with them; a word list may break after its `|`."""
    entry = ""
    for line in text.splitlines():
        if line.startswith(" "):
            entry += line.strip() if entry.endswith("|") else f" {line.strip()}"
        else:
            if entry:
                yield entry
            entry = "" if line.startswith("#") else line.strip()
    if entry:
        yield entry


def _read() -> tuple[tuple[str, int, re.Pattern[str]], ...]:
    language = _Language()
    language.read(_FILE.read_text(encoding="utf-8"))
    return tuple(language.signs)


SIGNS = _read()
"""(name, points, pattern over bare words)."""

MARKERS = re.compile(
    r"<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id|begin_of_text)[^>\n]{0,20}\|?>"
    r"|\[/?INST\]|<</?SYS>>|</?(?:system|assistant|thinking|instructions?|system_prompt)>"
    r"|(?<!#)#{2,}+\s*+(?:system|instructions?|human|assistant|response|new instructions?|end of [a-z ]{3,20}"
    r"|конец [а-я ]{3,20})\b\s*(?::|#)"
    r"|(?:(?<!-)-{3,}+|(?<!=)={3,}+|(?<!#)#{3,}+)\s*+(?:end|begin|конец|начало)(?: of)? [a-zа-я ]{3,30}\s*"
    r"(?:-{3,}|={3,}|#{3,})"
    r"|\[(?:system|система)\]",
    re.IGNORECASE,
)
"""Marks of a conversation with a model. Two points each."""
SPEAKER = re.compile(
    r"^\W{0,5}(?:(?:IMPORTANT |ВАЖНО[:,]? )?(?:SYSTEM|СИСТЕМ\w{0,5})"
    r"(?: (?:NOTE|MESSAGE|PROMPT|OVERRIDE|UPDATE|СООБЩЕНИЕ|ЗАМЕТКА|ПРОМПТ))?"
    r"|OVERRIDE|(?i:system (?:note|prompt|override|update|instruction)"
    r"|системн(?:ое|ая|ый) (?:сообщение|заметка|промпт|инструкция))"
    r"|(?:system|assistant|система|ассистент)(?=:))\s{0,3}[:—-]"
)
"""A line that claims to come from the system or the assistant. One point."""
WORTH_A_LOOK = re.compile(
    r"\b(?:answer|respon[ds]|repl(?:y|ies)|output|completion|ignor|disregard|forget|overrid|bypass|neglect|discard"
    r"|overlook|disobey|instruct|prompt|directive|guideline|assistant|chatbot|bots?\b|ais?\b|llm|gpt|chatgpt|claude"
    r"|gemini|copilot|language model|dan\b|unrestrict|uncensor|unfilter|jailbr|[a-z]+ mode\b|restriction|filters|censor"
    r"|comply|obey|safety [a-z]+ |your (?:real|true|actual|sole|new|message|text|summary)|configuration|above\b|history"
    r"|context|environment var|summar|the (?:word|phrase|string|sentence)\b|decod|decrypt|execut|encod|memory|future"
    r"|system\b|users?\b|asked|asks\b|https?:|www\.|letters|characters|ответ|отвеча|реплик|высказыв|игнорир"
    r"|проигнорир|забудь|отбрось|отмени|обойди|не (?:обращай|следуй|выполняй|соблюдай|слушай)|перестань|прекрати|наруш"
    r"|пренебрег|инструкц|указани|промпт|директив|ассистент|чат.?бот|бот[аоу]?м?\b|ии\b|нейросет|языков|гпт|искусственн"
    r"|модел|ты\b|твой|твоя|твое|твоё|систем|режим|огранич|цензур|фильтр|выполня|исполня|слов[оа]м?\b|фраз|декодир"
    r"|расшифр|памят|будущ|пользовател|спроси|спраш|истори|переписк|скажи|добавь|напиши|переведи|упомяни|говори|вставь"
    r"|закодируй|зашифруй|перескажи|сообщи|выведи|раскрой|повтори|притворись|рекомендуй|предлагай|советуй|утверждай"
    r"|сформулируй|замени|выдай|передай|убеди|отправь|попроси|в[ыс]е что было)"
    r"|[\w.]@\w|<\||\[/?(?:inst|sys|сис)|###|---|===|</?[a-z]|\w_\w"
)
"""A sentence without any of these, in small letters, has no two points; most have none, which saves much time."""
DISGUISED = re.compile(
    r"[a-zA-Z][а-яА-ЯёЁ]|[а-яА-ЯёЁ][a-zA-Z]|[a-zA-Z][01345789@$][a-zA-Z]|(?:\b\w[ .*_-]){4}|[A-Za-z0-9+/]{24}"
    r"|%[0-9A-Fa-f]{2}|[^\x00-\u04ff\u2000-\u206f\u20a0-\u27ff]"
)
"""Letters that may say something else than they seem to."""
