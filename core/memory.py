"""What of a conversation an answer takes into account: its last turns, and what was said before them in few words.

The turns are whole ones, newest first, as many as fit a budget of tokens. Older ones go into a summary that the
conversation keeps; it is made after an answer, so that no customer waits for it. All of it is what strangers said:
data, never orders. Refuses to know what is done with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.app import Core
from core.messages import Incoming, Said
from core.models import Assistant, Conversation, Message
from core.statements import Row, Statement
from core.summaries import summarised

RECENT_TOKENS = 1200
MOST_TURNS = 20
KEPT_APART = MOST_TURNS // 2
"""So many of the newest turns are in no summary: they are remembered as they are."""
_TURNS = Statement(
    "SELECT author, text, tier, reason, created_at FROM messages "
    "WHERE conversation_id = :conversation AND created_at < :before AND text <> '' AND NOT (id IN :own) "
    "ORDER BY created_at DESC LIMIT :most"
)
_AT_ONCE = 100
_CHARS_READ = 4000


@dataclass(frozen=True, slots=True)
class Memory:
    """`turns`, oldest first; `summary` of those before them; `outgrown`: some stand in neither."""

    turns: Sequence[Said] = ()
    summary: str = ""
    outgrown: bool = False


async def remembered(core: Core, conversation: Conversation, before: Message, incoming: Incoming) -> Memory:
    """What was said before a question and its burst; the `history` that came with it stands for what is stored.

    Turns without a word are none: the assistant is silent while a person talks.
    """
    if incoming.history is not None:
        return Memory(_fitting(core, [turn for turn in incoming.history[-MOST_TURNS:] if turn.text]))
    own = [piece.id for piece in incoming.pieces]
    asked = {"conversation": conversation.id, "before": before.created_at, "own": own, "most": MOST_TURNS}
    rows = (await _TURNS.rows(**asked))[::-1]
    turns = _fitting(core, [_said(row) for row in rows])
    until = conversation.summarised_until
    full = len(rows) == MOST_TURNS or len(turns) < len(rows)
    return Memory(turns, conversation.summary or "", full and (until is None or until < rows[0]["created_at"]))


def _said(row: Row) -> Said:
    return Said(row["author"], row["text"], row["tier"], row["reason"])


def _fitting(core: Core, turns: Sequence[Said]) -> list[Said]:
    """The newest whole turns that fit, oldest first as they came."""
    left, first = RECENT_TOKENS, len(turns)
    if sum(len(turn.text.encode()) for turn in turns) <= RECENT_TOKENS:  # a token is a byte at least
        return list(turns)
    while first:
        left -= core.llm.count_tokens(turns[first - 1].text[:_CHARS_READ])
        if left < 0:
            break
        first -= 1
    return list(turns[first:])


async def summarise_older(core: Core, assistant: Assistant, conversation: Conversation) -> None:
    """Put what is older than the newest turns into the summary. Of two at it at once, the second changes nothing."""
    until = conversation.summarised_until
    rows = Message.filter(conversation_id=conversation.id).exclude(text="")
    newest = await rows.order_by("-created_at").limit(KEPT_APART).values_list("created_at", flat=True)
    if len(newest) < KEPT_APART:
        return
    older = rows.filter(created_at__lt=newest[-1])
    asked = (older.filter(created_at__gt=until) if until else older).order_by("created_at").limit(_AT_ONCE)
    turns = await asked.values("author", "text", "tier", "reason", "created_at")
    if not turns:
        return
    summary = await summarised(core, assistant, conversation.summary or "", [_said(turn) for turn in turns])
    seen = Conversation.filter(id=conversation.id, summarised_until=until)
    await seen.update(summary=summary, summarised_until=turns[-1]["created_at"])
