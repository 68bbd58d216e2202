"""Questions and answers that an owner has: an exported Telegram chat, a table, JSON lines. Pure but for the file.

Who answers in a chat is for the owner to say: without a speaker a chat tells only who is there. What cannot be used is
left out and counted by its reason; a file that holds nothing of the kind is an `ExamplesUnreadable`. Read by
core/learning/child.py, in a process of its own.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import DocumentTypeUnknown, ProductError
from core.learning.telegram_chat import Speaker, answers_in, chats_in, speakers_in
from core.parsing.csv_table import find_dialect, read_cells
from core.parsing.encoding import decode_text

LARGEST_FILE = 64 * 1024 * 1024
LONGEST_LINE = 1_000_000
LONGEST_TEXT = 2_000
"""Characters of a question or an answer; longer ones are documents."""
MOST_EXCHANGES = 5_000
"""The newest of a file, which stand at its end."""
_QUESTION = frozenset("question prompt input instruction user customer вопрос запрос клиент".split())
_ANSWER = frozenset("answer completion response output assistant operator reply ответ оператор".split())
_LIKED = frozenset("liked rating label swipe score feedback оценка нравится".split())
_GOOD = frozenset("1 1.0 true yes good like liked right up + 👍 да хорошо нравится".split())
_BAD = frozenset("0 0.0 -1 -1.0 false no bad dislike disliked left down - 👎 нет плохо".split())


class ExamplesUnreadable(ProductError):
    """A file teaches nothing. Facts: `reason`, which its sentence says in words."""

    code = "error-examples-unreadable"


@dataclass(frozen=True, slots=True)
class Exchange:
    """`group` is what belongs together: a day's talk of a chat. `names` are those that were called by their names.
    `liked` is the owner's own word, if the file has one."""

    question: str
    answer: str
    group: str
    liked: bool | None = None
    names: tuple[str, ...] = ()


@dataclass(slots=True)
class Found:
    """What a file holds. `left_out` counts by reason: "blank", "long", "broken", "earlier" (beyond the newest)."""

    kind: str
    speakers: list[Speaker] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    def add(self, one: Exchange) -> None:
        if not one.question.strip() or not one.answer.strip():
            self.left_out["blank"] += 1
        elif max(len(one.question), len(one.answer)) > LONGEST_TEXT:
            self.left_out["long"] += 1
        else:
            self.exchanges.append(one)


def read_exchanges(file: Path, filename: str, speaker: str = "") -> Found:
    """What a file teaches; of a chat, what `speaker` answered. Raises `ExamplesUnreadable`."""
    if file.stat().st_size > LARGEST_FILE:
        raise ExamplesUnreadable(reason="too-large")
    try:
        text = decode_text(file.read_bytes())
    except DocumentTypeUnknown:
        raise ExamplesUnreadable(reason="no-text") from None
    found = _read(text, Path(filename).suffix.lower(), speaker)
    earlier = len(found.exchanges) - MOST_EXCHANGES
    if earlier > 0:
        found.left_out["earlier"] += earlier
        found.exchanges = found.exchanges[earlier:]
    if not found.exchanges and not found.speakers:
        raise ExamplesUnreadable(reason="nothing-usable" if found.left_out else "no-pairs")
    return found


def _read(text: str, suffix: str, speaker: str) -> Found:
    if not text.strip():
        raise ExamplesUnreadable(reason="no-pairs")
    if text.lstrip()[:1] not in {"{", "["}:
        return _of_table(text, suffix)
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return _of_lines(text)
    if chats := chats_in(whole):
        found = Found("chat", speakers=speakers_in(chats))
        for asked, answered, group, names in answers_in(chats, speaker) if speaker else ():
            found.add(Exchange(asked, answered, group, names=names))
        return found
    rows = whole if isinstance(whole, list) else [whole]
    return _of_rows(Found("list"), rows)


def _of_lines(text: str) -> Found:
    """An object a line. A line that is broken, or longer than any example, costs only itself."""
    found = Found("lines")
    rows = []
    for line in text.split("\n"):
        if not line.strip():
            continue
        try:
            rows.append(json.loads(line) if len(line) <= LONGEST_LINE else None)
        except (ValueError, RecursionError):
            rows.append(None)
    if all(row is None for row in rows):
        raise ExamplesUnreadable(reason="broken")
    return _of_rows(found, rows)


def _of_rows(found: Found, rows: list[Any]) -> Found:
    for number, row in enumerate(rows):
        pairs = list(_pairs_of(row)) if isinstance(row, dict) else []
        if not pairs:
            found.left_out["broken"] += 1
        for question, answer in pairs:
            found.add(Exchange(question, answer, f"row {number}", _liked(_first(row, _LIKED))))
    return found


def _pairs_of(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """A question with its answer, or the turns of a conversation as OpenAI's fine-tuning writes them."""
    turns = row.get("messages")
    if isinstance(turns, list):
        asked = ""
        for turn in turns:
            role, content = (turn.get("role"), turn.get("content")) if isinstance(turn, dict) else (None, None)
            if role == "user" and isinstance(content, str):
                asked = content
            elif role == "assistant" and isinstance(content, str) and asked:
                yield asked, content
                asked = ""
        return
    question, answer = _first(row, _QUESTION), _first(row, _ANSWER)
    if isinstance(question, str) and isinstance(answer, str):
        yield question, answer


def _first(row: dict[str, Any], names: frozenset[str]) -> Any:
    return next((value for key, value in row.items() if str(key).strip().lower() in names), None)


def _of_table(text: str, suffix: str) -> Found:
    """Columns by their names; without any, two columns are questions and answers."""
    dialect = find_dialect(text, suffix)
    if dialect is None:
        raise ExamplesUnreadable(reason="unknown")
    rows = read_cells(text, dialect)
    head = [cell.strip().lower() for cell in next(rows, [])]
    question, answer, liked = (_column(head, names) for names in (_QUESTION, _ANSWER, _LIKED))
    found = Found("table")
    if question is None or answer is None:
        if len(head) != 2:
            raise ExamplesUnreadable(reason="columns")
        question, answer, liked = 0, 1, None
        rows = read_cells(text, dialect)
    cell = _cell
    for number, row in enumerate(rows):
        rated = _liked(cell(row, liked)) if liked is not None else None
        found.add(Exchange(cell(row, question), cell(row, answer), f"row {number}", rated))
    return found


def _column(head: list[str], names: frozenset[str]) -> int | None:
    return next((at for at, name in enumerate(head) if name in names), None)


def _cell(row: list[str], at: int) -> str:
    return row[at] if at < len(row) else ""


def _liked(value: Any) -> bool | None:
    said = str(value).strip().lower()
    return True if said in _GOOD else False if said in _BAD else None
