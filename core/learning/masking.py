"""What is somebody's own is not learnt: addresses, phones, cards, accounts, names. Pure.

A model repeats what it has learnt to anybody. So in a question such things become a mark; a sentence of an answer that
has one is left out, and an answer of nothing else is no example. Facts that customers may read come from passages.
"""

import re
from collections.abc import Sequence

from core.sentences import split_sentences

_MARKS = (
    ("[email]", re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")),
    ("[link]", re.compile(r"\b(?:https?://|www\.|t\.me/)\S+", re.IGNORECASE)),
    ("[account]", re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")),
    ("[phone]", re.compile(r"(?<![\w.])\+?\(?\d(?:[\s()./-]{0,2}\d){8,}(?![\w])")),
    ("[name]", re.compile(r"(?<![\w@])@\w{4,32}\b")),
    ("[key]", re.compile(r"\b(?=\w*\d)(?=\w*[A-Za-z])[\w-]{20,}\b")),
)
_SHORTEST_NAME = 3


def masked(text: str, names: Sequence[str] = ()) -> str:
    """The text with marks in place of what is somebody's own."""
    for mark, found in _MARKS:
        text = found.sub(mark, text)
    for name in _calls(names):
        text = name.sub("[name]", text)
    return " ".join(text.split())


def without_personal(text: str, names: Sequence[str] = ()) -> str:
    """The sentences that say nothing of somebody's own; a name that is only called out is dropped. May be empty."""
    for name in _calls(names):
        text = re.sub(rf"(?:,\s*)?{name.pattern}(?=\s*[,!.?:])|^{name.pattern}\s*,?\s*", "", text, flags=re.IGNORECASE)
    kept = [one for one in split_sentences(text) if not _has_personal(one, names)]
    said = " ".join(kept).lstrip(" ,!.")
    return said[:1].upper() + said[1:]


def _has_personal(text: str, names: Sequence[str]) -> bool:
    return any(found.search(text) for _, found in _MARKS) or any(name.search(text) for name in _calls(names))


def _calls(names: Sequence[str]) -> list[re.Pattern[str]]:
    words = {word for name in names for word in re.findall(r"[^\W\d_]+", name) if len(word) >= _SHORTEST_NAME}
    return [re.compile(rf"\b{re.escape(word)}\b", re.IGNORECASE) for word in sorted(words)]
