"""An exported Telegram chat (Telegram Desktop, "machine-readable JSON") as who asked what, and who answered how. Pure.

Messages that follow each other from one side are one turn, as people write. An answer is what the speaker writes next,
within a day, or what he writes in reply to a message. Forwarded messages and those without words teach nothing.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

MOST_SPEAKERS = 8
ONE_TURN = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(hours=24)
"""An answer after this is to something else."""
MOST_PARTS = 6


@dataclass(frozen=True, slots=True)
class Speaker:
    """`messages` counts those with words."""

    id: str
    name: str
    messages: int


@dataclass(frozen=True, slots=True)
class _Said:
    number: int
    speaker: str
    name: str
    at: datetime
    text: str
    replies_to: int | None


Answer = tuple[str, str, str, tuple[str, ...]]
"""What was asked, what was answered, what belongs together, and the other side's names."""


def chats_in(whole: Any) -> list[dict[str, Any]]:
    """The chats of an export, of one chat or of an account; none if it is something else."""
    if not isinstance(whole, dict):
        return []
    listed = whole.get("chats")
    chats = listed.get("list") if isinstance(listed, dict) else [whole]
    if not isinstance(chats, list):
        return []
    return [
        chat for chat in chats if isinstance(chat, dict) and isinstance(chat.get("messages"), list) and "type" in chat
    ]


def speakers_in(chats: list[dict[str, Any]]) -> list[Speaker]:
    """Who has written most, first."""
    names: dict[str, str] = {}
    counted: Counter[str] = Counter()
    for chat in chats:
        for said in _said_in(chat):
            names[said.speaker] = said.name
            counted[said.speaker] += 1
    return [Speaker(one, names[one], count) for one, count in counted.most_common(MOST_SPEAKERS)]


def answers_in(chats: list[dict[str, Any]], speaker: str) -> Iterator[Answer]:
    """What the speaker with this id has answered, oldest first in each chat."""
    for number, chat in enumerate(chats):
        said = list(_said_in(chat))
        by_number = {one.number: one for one in said}
        names = tuple(sorted({one.name for one in said if one.speaker != speaker}))
        asked: list[_Said] = []
        own: list[_Said] = []
        for one in [*said, None]:
            if one and one.speaker == speaker and (not own or one.at - own[-1].at <= ONE_TURN):
                own.append(one)
                continue
            if own:
                yield from _answer(asked, own, by_number, f"chat {number} {own[0].at.date()}", names)
                asked, own = [], []
            if one is None:
                break
            if one.speaker == speaker:
                own = [one]
            elif asked and (asked[-1].speaker != one.speaker or one.at - asked[-1].at > ONE_TURN):
                asked = [one]
            else:
                asked.append(one)


def _answer(
    asked: list[_Said], own: list[_Said], by_number: dict[int, _Said], group: str, names: tuple[str, ...]
) -> Iterator[Answer]:
    replied = by_number.get(own[0].replies_to or -1)
    if replied is not None and replied.speaker != own[0].speaker:
        asked = [replied]
    if asked and own[0].at - asked[-1].at <= LONGEST_PAUSE:
        parts = [" ".join(one.text for one in turn[-MOST_PARTS:]) for turn in (asked, own)]
        yield parts[0], parts[1], group, names


def _said_in(chat: dict[str, Any]) -> Iterator[_Said]:
    for message in chat["messages"]:
        if not isinstance(message, dict) or message.get("type") != "message" or message.get("forwarded_from"):
            continue
        text, at = _words(message.get("text")), _time(message)
        speaker = message.get("from_id") or message.get("from")
        if text and at and speaker:
            number, replies_to = message.get("id"), message.get("reply_to_message_id")
            yield _Said(
                number if isinstance(number, int) else -1,
                str(speaker),
                str(message.get("from") or speaker)[:80],
                at,
                text,
                replies_to if isinstance(replies_to, int) else None,
            )


def _words(text: Any) -> str:
    """A text with links and bold in it is a list of pieces; a link alone is no words."""
    pieces = text if isinstance(text, list) else [text]
    said, words = [], False
    for piece in pieces:
        if isinstance(piece, str):
            said.append(piece)
            words = words or bool(piece.strip())
        elif isinstance(piece, dict) and isinstance(piece.get("text"), str):
            said.append(piece["text"])
            words = words or piece.get("type") not in {"link", "mention", "hashtag", "bot_command", "custom_emoji"}
    return " ".join("".join(said).split()) if words else ""


def _time(message: dict[str, Any]) -> datetime | None:
    try:
        if stamp := message.get("date_unixtime"):
            return datetime.fromtimestamp(int(stamp), UTC)
        return datetime.fromisoformat(str(message.get("date"))).replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None
