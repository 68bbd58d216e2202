"""A passage that was cut in the middle of what it says gets its next one back.

Documents are cut where the model's limit is: a list or a sentence may go on in the next passage of the document. It is
joined to the best passage when the cut is seen, or when both were found nearly alike. Refuses to know how.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from core.messages import Passage
from core.passages import read_next
from core.sentences import split_sentences
from core.support import is_row

LONGEST = 2400
"""Characters of a joined passage: two passages of the largest size."""
NEAR = 0.03
_ITEM = re.compile(r"^\s*(?:[-–—*•●▪‣·]|\(?(?:\d{1,3}|[a-zа-я])[.)])\s+")
_ENDS = re.compile(r"[.!?…][\"'”’»)\]]*$")


async def join_next(assistant_id: UUID, passages: Sequence[Passage]) -> list[Passage]:
    """The passages, the first one with its next one where what it says goes on there."""
    if not passages:
        return []
    best = passages[0]
    found = next((p for p in passages[1:] if p.document_id == best.document_id and _follows(best, p)), None)
    following = found or (await read_next(assistant_id, best) if stops_short(best.text) else None)
    if following is None or len(best.text) + len(following.text) > LONGEST:
        return list(passages)
    if not (goes_on(best, following) or (found and found.score >= best.score - NEAR and _was_cut(best, found))):
        return list(passages)
    others = [passage for passage in passages[1:] if passage.id != following.id]
    return [_joined(best, following), *others]


def stops_short(text: str) -> bool:
    """Whether the last line looks as if something followed: a list's item, a colon, a sentence without its end."""
    last = text.rstrip().rpartition("\n")[2]
    return bool(_ITEM.match(last) or not (_ENDS.search(last) or is_row(last)))


def goes_on(one: Passage, following: Passage) -> bool:
    """Whether `following` takes up what `one` breaks off: its list, or its sentence."""
    if one.heading != following.heading or not stops_short(one.text):
        return False
    new = _new_part(one.text, following.text)
    last = one.text.rstrip().rpartition("\n")[2]
    if _ITEM.match(last) or last.endswith(":"):
        return bool(_ITEM.match(new))
    return new[:1].islower()


def _follows(one: Passage, other: Passage) -> bool:
    return other.chunk_index == one.chunk_index + 1 and other.heading == one.heading


def _was_cut(one: Passage, following: Passage) -> bool:
    """Where a paragraph is cut, the next passage says its last sentence again."""
    return _new_part(one.text, following.text) != following.text.strip()


def _new_part(text: str, following: str) -> str:
    """What `following` adds: without the sentence or the list's lead-in that it repeats at its beginning."""
    first = (split_sentences(following) or [""])[0]
    rest = following.strip().removeprefix(first)
    return rest.strip() if first and first in text and rest.strip() else following.strip()


def _joined(best: Passage, following: Passage) -> Passage:
    text = f"{best.text.rstrip()}\n{_new_part(best.text, following.text)}"
    return replace(best, text=text, parts=(best, following))
