"""The sections of a document: which text stands under which headings. Pure; refuses to know sizes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.parsing.base import Block, BlockKind


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks under one heading path, or one question with its answer. `bare`: they are headings without text below."""

    path: tuple[str, ...]
    blocks: tuple[Block, ...]
    bare: bool = False


def sections_of(blocks: Sequence[Block]) -> list[Section]:
    """Text under its headings. Headings with nothing below them are sections of their own, so none is lost; one that
    asks is left out: a question without an answer must not stand above the next one's."""
    sections: list[Section] = []
    path: list[tuple[int, Block]] = []
    content: list[Block] = []
    told = 0  # how many headings of the path have text below them

    def close() -> None:
        if content:
            sections.append(Section(_names(path), tuple(content)))
            content.clear()

    def leave(kept: int) -> None:
        """The path loses all but its first headings."""
        left = [replace(one, kind=BlockKind.PARAGRAPH, level=0) for _, one in path[max(kept, told) :]]
        if said := tuple(one for one in left if not one.text.endswith("?")):
            sections.append(Section(_names(path[: max(kept, told)]), said, bare=True))
        del path[kept:]

    for block in blocks:
        if block.kind is BlockKind.HEADING:
            close()
            kept = sum(level < block.level for level, _ in path)
            leave(kept)
            path.append((block.level, block))
            told = min(told, kept)
            continue
        told = len(path)
        if block.kind is BlockKind.PAIR:
            close()
            sections.append(Section(_names(path), (block,)))
        else:
            content.append(block)
    close()
    leave(0)
    return sections


def _names(path: Sequence[tuple[int, Block]]) -> tuple[str, ...]:
    return tuple(block.text for _, block in path)
