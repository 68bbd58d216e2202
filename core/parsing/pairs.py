"""Questions with their answers, found among the blocks of any document and kept together from here on.

Pure: blocks to blocks; refuses to know formats. Found are marked pairs ("Q: … A: …"), questions that stand alone on
their lines one after the other, each above its answer, and lines that all ask and answer. Hidden text is never drawn
into an answer.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from core.parsing.base import Block, BlockKind
from core.parsing.pair_marks import Role, parts_of
from core.parsing.tidying import has_words

_LONGEST_QUESTION = 240
_LONGEST_ANSWER = 6_000
_MOST_ANSWER_BLOCKS = 12
_ORDINAL = re.compile(r"^\(?\d{1,3}[.)]\s+")
_ASKED_AND_ANSWERED = re.compile(r"([^.!?…]{3,240}\?)\s+(?:[-–—]\s+)?([^\s?][^?]*)$")
_TEXTS = (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)


def join_pairs(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks with questions and answers as blocks of kind PAIR; all other words stay in their order."""
    return tuple(_unmarked_pairs(_Marked().read(blocks)))


def pair(question: str, answer: Sequence[Block], page: int | None) -> Block:
    """One block of a question and the blocks that answer it."""
    listed = len(answer) > 1
    lines = [f"- {one.text}" if listed and one.kind is BlockKind.LIST_ITEM else one.text for one in answer]
    return Block(BlockKind.PAIR, "\n".join(lines), page=page, question=_ORDINAL.sub("", question.strip()))


@dataclass(slots=True)
class _Open:
    """A question whose answer is being gathered. `blocks` are the original ones, given back if no answer comes."""

    question: str
    page: int | None
    blocks: list[Block] = field(default_factory=list)
    answer: list[Block] = field(default_factory=list)
    answered: bool = False
    loose: list[Block] = field(default_factory=list)


class _Marked:
    """Walks the blocks once; `_open` is the pair that further blocks may belong to."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._open: _Open | None = None

    def read(self, blocks: Sequence[Block]) -> list[Block]:
        for block in blocks:
            parts = parts_of(block.text) if _may_be_marked(block) else []
            if not parts or (parts[0].role is None) or (parts[0].role is Role.ANSWERS and self._open is None):
                self._take_plain(block)
                continue
            for number, part in enumerate(parts):
                self._take_part(block, part.role or Role.ANSWERS, part.text, first=number == 0)
        self._close(another=False)
        return self._blocks

    def _take_part(self, block: Block, role: Role, text: str, *, first: bool) -> None:
        if role is Role.ASKS:
            self._close(another=True)
            self._open = _Open(text, block.page, [block] if first else [])
        elif self._open:
            if not self._open.answered:
                waiting = [loose.text for loose in self._open.loose]
                self._open.question = " ".join([self._open.question, *waiting]).strip()
                self._open.loose.clear()
            self._open.answered = True
            self._open.answer += [*self._open.loose, *([Block(BlockKind.PARAGRAPH, text)] if has_words(text) else [])]
            self._open.loose.clear()
            self._open.blocks += [block] if first else []

    def _take_plain(self, block: Block) -> None:
        if self._open and block.kind in (*_TEXTS, BlockKind.TABLE_ROW) and not block.hidden:
            if not self._open.question:
                self._open.question = block.text
                self._open.blocks.append(block)
            else:
                self._open.loose.append(block)
            return
        self._close(another=False)
        self._blocks.append(block)

    def _close(self, *, another: bool) -> None:
        """The open pair is complete. Text between two questions answers the first; after the last, only what must."""
        open_, self._open = self._open, None
        if open_ is None:
            return
        loose = open_.loose
        asked = open_.answered or open_.question.endswith("?")
        known = len(open_.answer)
        if asked and another and sum(len(block.text) for block in loose) <= _LONGEST_ANSWER:
            belonging = len(loose)
        elif asked:
            belonging = _rest_of_answer(open_.answer, loose)
        else:
            belonging = 0
        answer = [*open_.answer, *loose[:belonging]]
        if open_.question and answer and asked and (known or belonging):
            self._blocks.append(pair(open_.question, answer, open_.page))
            self._blocks += loose[belonging:]
        else:
            self._blocks += [*open_.blocks, *loose]


def _may_be_marked(block: Block) -> bool:
    return block.kind in (*_TEXTS, BlockKind.HEADING) and not block.hidden


def _rest_of_answer(answer: Sequence[Block], loose: Sequence[Block]) -> int:
    """How many blocks after the last question still answer it: the first if none does, and a list led in by ":"."""
    count = 0 if answer else min(1, len(loose))
    said = [*answer, *loose[:count]]
    if said and (said[-1].text.endswith(":") or said[-1].kind is BlockKind.LIST_ITEM):
        further = itertools.takewhile(lambda block: block.kind is not BlockKind.PARAGRAPH, loose[count:])
        count += len(list(further))
    return count


def _unmarked_pairs(blocks: Sequence[Block]) -> Iterator[Block]:
    """Runs of text between headings, in which questions and answers take turns."""
    for plain, blocks_of_run in itertools.groupby(blocks, lambda block: block.kind in _TEXTS and not block.hidden):
        run = list(blocks_of_run)
        yield from _turns(run) if plain else run


def _turns(run: Sequence[Block]) -> Iterator[Block]:
    one_line = [_on_one_line(block) for block in run]
    if len(run) > 1 and all(one_line):
        yield from (found for found in one_line if found)
        return
    asked = [at for at, block in enumerate(run) if _is_question(block)]
    lengths = [after - at - 1 for at, after in itertools.pairwise([*asked, len(run)])]
    if len(asked) < 2 or not all(0 < length <= _MOST_ANSWER_BLOCKS for length in lengths[:-1]) or not lengths[-1]:
        yield from run
        return
    yield from run[: asked[0]]
    for at, length in zip(asked, lengths, strict=True):
        answer = run[at + 1 : at + 1 + length]
        belonging = len(answer)
        if at == asked[-1]:
            usual = max(lengths[:-1])
            belonging = min(len(answer), max(usual, _rest_of_answer((), answer)))
        yield pair(run[at].text, answer[:belonging], run[at].page)
        yield from answer[belonging:]


def _on_one_line(block: Block) -> Block | None:
    """ "Do you deliver? Yes, daily." as a pair; None when it is something else."""
    found = _ASKED_AND_ANSWERED.match(_ORDINAL.sub("", block.text))
    return pair(found[1], [Block(BlockKind.PARAGRAPH, found[2])], block.page) if found else None


def _is_question(block: Block) -> bool:
    return block.text.endswith("?") and len(block.text) <= _LONGEST_QUESTION
