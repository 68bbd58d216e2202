"""Does a sentence read like an order to a model? Explainable: it tells which signs it saw. Refuses to know documents.

Texts for people are full of orders too: "Send the form to…", "Do not share your password". What gives an order to a
model away is whom it speaks to (an assistant, a model, "you are now…"), what it speaks about (its instructions, its
answer, the conversation) and how (marks of a conversation, encodings). A single weak sign proves nothing: two points
make an alarm (`SURE`), one is worth a look where there are other reasons to doubt (`DOUBT`).
"""

import re
from itertools import chain

from core.screening.encodings import hidden_readings
from core.screening.signs import (
    DISGUISED,
    MARKERS,
    SIGNS,
    SIGNS_ELSEWHERE,
    SPEAKER,
    UNSPACED,
    WORTH_A_LOOK,
    WORTH_A_LOOK_ELSEWHERE,
)
from core.screening.wording import bare_words

SURE = 2
DOUBT = 1
_LONGEST = 600
_ADDRESS = re.compile(r"(?:https?://|www\.)\S|[\w.+-]@[\w-]+\.\w")
_STRONG = {"override", "persona", "secret", "model", "decode", "memory", "marker"}
_TO_A_MODEL = {"answer", "timing", "secret", "speaker", "private_you", "marker", "freedom"}
# Instructions for staff tell the customer things and send him to addresses, too; rules for people speak of models.
_BESIDE = {
    "order": _TO_A_MODEL - {"freedom", "private_you"},
    "private_you": _TO_A_MODEL - {"private_you"} | {"people", "send"},
    "duty": _TO_A_MODEL,
    "self": {"speaker", "freedom", "secret", "marker", "model", "grant", "answer"},
    "grant": {"speaker", "freedom", "secret", "marker", "model", "self"},
    "model": _TO_A_MODEL | {"send", "tool", "people"},
    "people": _TO_A_MODEL | {"bait"},
    "bait": _TO_A_MODEL | {"people", "send"},
    "address": {"people", "send", "tool"},
}


def signs_of_an_order(sentence: str, *, closely: bool = False) -> dict[str, int]:
    """Names of the signs, with their points; empty for nearly every sentence. Time grows with its length, not faster.

    Without `closely` a sentence that cannot be worth `SURE` is not looked at: its weak signs stay unseen.
    """
    found: dict[str, int] = {}
    for start in range(0, len(sentence), _LONGEST) if closely or _is_worth_a_look(sentence) else ():
        part = sentence[max(0, start - _LONGEST // 4) : start + _LONGEST]
        for name, points in _signs(part).items():
            found[name] = max(points, found.get(name, 0))
        if score(found) >= SURE:
            return found
    return found | _encoded(sentence)


def _is_worth_a_look(sentence: str) -> bool:
    lower = sentence.lower()
    return bool(WORTH_A_LOOK.search(lower) or WORTH_A_LOOK_ELSEWHERE.search(lower) or DISGUISED.search(sentence))


def score(signs: dict[str, int]) -> int:
    return sum(signs.values())


def _signs(text: str) -> dict[str, int]:
    bare = bare_words(text)
    found: dict[str, int] = {}
    elsewhere = SIGNS_ELSEWHERE if WORTH_A_LOOK_ELSEWHERE.search(text.lower()) else ()
    for name, points, pattern in chain(SIGNS, elsewhere):
        if points > found.get(name, 0) and pattern.search(bare):
            found[name] = points
    if MARKERS.search(text) or UNSPACED.search(text):
        found["marker"] = 2
    if SPEAKER.search(text):
        found["speaker"] = 1
    return _weighed(found, text)


def _weighed(found: dict[str, int], text: str) -> dict[str, int]:
    """The signs that mean something: some only count beside others (`_BESIDE`)."""
    if found.pop("person", 0) and "answer" in found and not found.keys() & _STRONG:
        found["answer"] -= 1
    if _ADDRESS.search(text):
        found["address"] = 1
    else:
        found.pop("bait", None)
    lonely = {name for name, others in _BESIDE.items() if not found.keys() & others and found.get(name, 0) < SURE}
    return {name: points for name, points in found.items() if points and name not in lonely}


def _encoded(text: str) -> dict[str, int]:
    """An order in base64, backwards or rotated, as somebody would write who does not want it to be read."""
    said = list(hidden_readings(text))
    said += [inner for outer in said for inner in hidden_readings(outer)]
    return {"encoded": 2} if any(score(_signs(one)) >= SURE for one in said) else {}
