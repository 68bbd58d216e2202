"""What of a document must wait until its owner has looked: hidden text, disguised letters, orders to a model.

The unit is the sentence, a row of a table, or the whole block when it is hidden; all the rest can answer at once.
Pure: refuses to know databases, models and people. Time grows with the length of the text and no faster.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from itertools import chain

from core.models import Decision
from core.parsing.base import Block, BlockKind, ParsedDocument
from core.parsing.invisible import reveal
from core.screening.instructions import DOUBT, SURE, score, signs_of_an_order
from core.screening.signs import MACHINE_TALK
from core.screening.strangers import parted
from core.sentences import split_sentences

INSTRUCTION = "instruction"
HIDDEN_CHARACTERS = "hidden-characters"
OUT_OF_PLACE = "out-of-place"
_REASONS = {
    INSTRUCTION,
    HIDDEN_CHARACTERS,
    OUT_OF_PLACE,
    "hidden-white",
    "hidden-tiny",
    "hidden-invisible",
    "hidden-comment",
}
_LONE_BULLET = re.compile(r"(?m)^ *[-–—•] *(?:\n|\Z)")
_LONGEST_UNIT = 1200
_LONGEST_PIECE = 8000
# Pages hide menus, tabs and words for screen readers by the hundred: there hiding alone is no reason to ask anybody.
_HIDES_IN_GOOD_FAITH = {"html", "md"}


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A text that waits. `reason` is `instruction`, `hidden-characters` or `hidden-` and a word of `Block.hidden`."""

    text: str
    text_hash: str
    reason: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Screened:
    """`parsed` has no hidden block and nothing in it that waits or was left out.

    `suspicious` waits for the owner, each text once; `settled` are those that he has decided, however.
    """

    parsed: ParsedDocument
    suspicious: tuple[Suspicion, ...] = ()
    settled: tuple[Suspicion, ...] = ()


def screen(parsed: ParsedDocument, decided: Mapping[str, Decision], strangers: Set[str] = frozenset()) -> Screened:
    """Take out what must wait. What the owner kept stays in, what he dropped stays out and is not asked again.

    `decided` is keyed by `text_hash`; `strangers` are sentences that `core/screening/strangers.py` found. Blocking;
    seconds for 5,000,000 characters.
    """
    walk = _Walk(decided, strangers, quiet=parsed.format in _HIDES_IN_GOOD_FAITH)
    blocks = tuple(block for given in parsed.blocks for block in walk.screened(given))
    title = walk.cleared(parsed.title, None)
    return Screened(
        replace(parsed, title=title, blocks=blocks), tuple(walk.suspicious.values()), tuple(walk.settled.values())
    )


def why(reason: str) -> str:
    """The key of the sentence that tells an owner the reason."""
    return f"quarantine-{reason if reason in _REASONS else 'hidden-invisible'}"


def hash_of(text: str) -> str:
    """The same for texts that differ in spaces and capitals only: 64 hexadecimal digits."""
    return hashlib.sha256(" ".join(text.casefold().split()).encode()).hexdigest()


@dataclass(slots=True)
class _Walk:
    """One passage through a document. `quiet`: hiding alone is no reason to ask."""

    decided: Mapping[str, Decision]
    strangers: Set[str]
    quiet: bool
    suspicious: dict[str, Suspicion] = field(default_factory=dict)
    settled: dict[str, Suspicion] = field(default_factory=dict)

    def screened(self, block: Block) -> Iterator[Block]:
        """The block without what waits; what is smuggled in characters follows it once the owner has kept it."""
        if block.hidden:
            yield from self._hidden(block)
            return
        text = self.cleared(block.text, block.page, whole=block.kind is BlockKind.TABLE_ROW)
        question = self.cleared(block.question, block.page)
        if text and block.kind is BlockKind.PAIR and not question:
            yield Block(BlockKind.PARAGRAPH, text, page=block.page)
        elif text:
            yield (
                block
                if (text, question) == (block.text, block.question)
                else replace(block, text=text, question=question)
            )
        for smuggled in (*reveal(block.text).smuggled, *reveal(block.question).smuggled):
            if not self._waits(smuggled, HIDDEN_CHARACTERS, block.page):
                yield Block(BlockKind.PARAGRAPH, smuggled, page=block.page)

    def _hidden(self, block: Block) -> Iterator[Block]:
        text = reveal(block.text).text
        question = reveal(block.question).text
        said = f"{question}\n{text}".strip()
        if self.quiet and self.decided.get(hash_of(said)) is not Decision.KEPT and not _reads_like_an_order(said):
            return
        if not self._waits(said, f"hidden-{block.hidden}", block.page):
            yield replace(block, text=text, question=question, hidden="")

    def cleared(self, text: str, page: int | None, *, whole: bool = False) -> str:
        """The text without the sentences that wait (all of it or nothing when `whole`)."""
        seen = reveal(text)
        units = [(0, len(seen.text))] if whole else _units(seen.text)
        waiting = []
        for (start, end), reason in self._reasons(seen.text, units, seen.odd):
            if self._waits(seen.text[start:end], reason, page):
                waiting.append((start, end))
        return _without(seen.text, waiting)

    def _reasons(
        self, text: str, units: list[tuple[int, int]], odd: tuple[tuple[int, int], ...]
    ) -> Iterator[tuple[tuple[int, int], str]]:
        """The units that must wait, with the reason. Beside a sentence that is an order, a weak sign is enough."""
        sure = {at for at, (start, end) in enumerate(units) if score(signs_of_an_order(text[start:end])) >= SURE}
        for at, (start, end) in enumerate(units):
            if any(start < last and first < end for first, last in odd):
                yield (start, end), HIDDEN_CHARACTERS
            elif text[start:end] in self.strangers:
                yield (start, end), OUT_OF_PLACE
            elif at in sure or (sure & {at - 1, at + 1} and _belongs_to_an_order(text[start:end])):
                yield (start, end), INSTRUCTION

    def _waits(self, text: str, reason: str, page: int | None) -> bool:
        text_hash = hash_of(text)
        decision = self.decided.get(text_hash, Decision.WAITING)
        found = self.suspicious if decision is Decision.WAITING else self.settled
        found.setdefault(text_hash, Suspicion(text, text_hash, reason, page))
        return decision is not Decision.KEPT


def _belongs_to_an_order(text: str) -> bool:
    """Of what stands beside an order: it speaks of machines, as those do who lead up to one."""
    return bool(MACHINE_TALK.search(text)) or _reads_like_an_order(text)


def _reads_like_an_order(text: str) -> bool:
    """Of text that is hidden already: the least sign is enough."""
    return any(score(signs_of_an_order(text[start:end], closely=True)) >= DOUBT for start, end in _units(text))


def _units(text: str) -> list[tuple[int, int]]:
    """Where the sentences begin and end; one without end is cut at a space."""
    units: list[tuple[int, int]] = []
    position = 0
    while position < len(text):
        end = len(text) if len(text) - position <= _LONGEST_PIECE else _cut(text, position, _LONGEST_PIECE)
        for sentence in chain.from_iterable(map(parted, split_sentences(text[position:end]))):
            start = text.find(sentence, position)
            position = start + len(sentence)
            while position - start > _LONGEST_UNIT:
                cut = _cut(text, start, _LONGEST_UNIT)
                units.append((start, cut))
                start = cut
            units.append((start, position))
        position = end
    return units


def _cut(text: str, start: int, most: int) -> int:
    """A place to end what begins at `start`: after a sentence, or else a word."""
    for mark in (". ", "\n", " "):
        if (found := text.rfind(mark, start + most // 2, start + most)) > 0:
            return found + len(mark)
    return start + most


def _without(text: str, places: list[tuple[int, int]]) -> str:
    if not places:
        return text
    parts, position = [], 0
    for start, end in places:
        parts.append(text[position:start].rstrip(" "))
        position = end
    parts.append(text[position:])
    left = _LONE_BULLET.sub("", " ".join(part.strip(" ") for part in parts if part.strip(" "))).strip()
    return left if any(character.isalnum() for character in left) else ""
