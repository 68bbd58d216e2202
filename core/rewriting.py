"""Follow-up questions made whole before search. Rules only; a first question is never touched."""

from collections.abc import Sequence

from core.messages import Said
from core.models import Author, Message
from core.words import content_stems, stem, words_of

_POINTING = frozenset(
    stem(word)
    for word in "it its they them their this that these those he she there one ones same "
    "он она оно они его ее её их это этот эта эти этого этой тот та те там такой такое такие".split()
)
_CONTINUING = ("and ", "what about", "how about", "а ", "и ", "а если", "что насчёт", "как насчёт", "а как")
FEW_WORDS = 3


def standalone_question(text: str, earlier: Sequence[Message | Said]) -> str:
    """The question with the previous one in front when it leans on it: it points back, continues, or is very short."""
    questions = [turn.text for turn in earlier if turn.author == Author.CUSTOMER]
    if not questions or not _leans(text):
        return text
    return f"{questions[-1].strip()} {text}"


def _leans(text: str) -> bool:
    subject = content_stems(text)
    points = any(stem(word) in _POINTING for word in words_of(text)) and len(subject) <= FEW_WORDS
    return points or text.lower().startswith(_CONTINUING) or len(subject) <= 1
