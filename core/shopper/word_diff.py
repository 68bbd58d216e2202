"""What one text says and the other does not, word by word. Refuses to know how it is shown."""

import re
from difflib import SequenceMatcher
from enum import StrEnum

_WORD = re.compile(r"\S+\s*")
_LONGEST = 400
"""Words of each text: more is not read on a telephone, and takes long to compare."""


class Mark(StrEnum):
    KEPT = "kept"
    GONE = "gone"
    NEW = "new"


def word_diff(before: str, after: str) -> list[tuple[Mark, str]]:
    """Runs of words in reading order, what is gone before what stands in its place; spaces are not compared."""
    was, now = (_WORD.findall(text.strip())[:_LONGEST] for text in (before, after))
    bare_was, bare_now = ([word.rstrip() for word in words] for words in (was, now))
    marked: list[tuple[Mark, str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, bare_was, bare_now, autojunk=False).get_opcodes():
        if kind == "equal":
            marked.append((Mark.KEPT, _spaced(now[c:d])))
        else:
            marked += [(Mark.GONE, _spaced(was[a:b])), (Mark.NEW, _spaced(now[c:d]))]
    marked = [(mark, text) for mark, text in marked if text]
    return [*marked[:-1], *((mark, text.rstrip()) for mark, text in marked[-1:])]


def _spaced(words: list[str]) -> str:
    """The last word of a text has no space behind it, and something may stand there now."""
    text = "".join(words)
    return f"{text} " if text and not text[-1].isspace() else text
