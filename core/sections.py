"""The sections of a document: which text stands under which headings. Pure; refuses to know sizes."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.parsing.base import Block, BlockKind


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks under one heading path, or one question with its answer."""

    path: tuple[str, ...]
    blocks: tuple[Block, ...]


def sections_of(blocks: Sequence[Block]) -> list[Section]:
    """Text under its headings. A heading with nothing below it becomes text of the next section, so none is lost."""
    sections: list[Section] = []
    path: list[tuple[int, str]] = []
    content: list[Block] = []
    bare: list[Block] = []
    told = 0  # how many headings of the path have text below them

    def close() -> None:
        if content:
            sections.append(Section(_names(path), tuple(bare + content)))
            content.clear()
            bare.clear()

    for block in blocks:
        if block.kind is BlockKind.HEADING:
            close()
            kept = sum(level < block.level for level, _ in path)
            bare += [Block(BlockKind.PARAGRAPH, text, page=block.page) for _, text in path[max(kept, told) :]]
            path[kept:] = [(block.level, block.text)]
            told = min(told, kept)
            continue
        told = len(path)
        if block.kind is BlockKind.PAIR:
            close()
            sections.append(Section(_names(path), (block,)))
        else:
            content.append(block)
    close()
    bare += [Block(BlockKind.PARAGRAPH, text) for _, text in path[told:]]
    if bare:
        sections.append(Section(_names(path[:told]), tuple(bare)))
    return sections


def _names(path: Sequence[tuple[int, str]]) -> tuple[str, ...]:
    return tuple(text for _, text in path)
