"""Does a sentence read like an order to a model? Explainable: it tells which signs it saw. Refuses to know documents.

Texts for people are full of orders too: "Send the form to…", "Do not share your password". What gives an order to a
model away is whom it speaks to (an assistant, a model, "you are now…"), what it speaks about (its instructions, its
answer, the conversation) and how (marks of a conversation, encodings). A single weak sign proves nothing: two points
make an alarm (`SURE`), one is worth a look where there are other reasons to doubt (`DOUBT`).
"""

import base64
import binascii
import re
from urllib.parse import unquote

from core.screening.signs import DISGUISED, MARKERS, SIGNS, SPEAKER, WORTH_A_LOOK
from core.screening.wording import bare_words

SURE = 2
DOUBT = 1
_LONGEST = 600
_ADDRESS = re.compile(r"(?:https?://|www\.)\S|[\w.+-]@[\w-]+\.\w")
_BASE64 = re.compile(r"(?<![\w+/=:,-])[A-Za-z0-9+/]{24,4000}={0,2}(?![\w+/=-])")
_PERCENT = re.compile(r"[^\s%]{0,40}(?:%[0-9A-Fa-f]{2}[^\s%]{0,40}){3,}")
_STRONG = {"override", "persona", "secret", "model", "decode", "memory", "marker"}
_TO_A_MODEL = {"answer", "timing", "secret", "speaker", "private_you", "marker", "freedom"}
# Instructions for staff tell the customer things and send him to addresses, too; rules for people speak of models.
_BESIDE = {
    "order": _TO_A_MODEL - {"freedom", "private_you"},
    "private_you": _TO_A_MODEL - {"private_you"} | {"people", "send"},
    "duty": _TO_A_MODEL,
    "model": _TO_A_MODEL | {"send", "tool", "people"},
    "people": _TO_A_MODEL | {"bait"},
    "bait": _TO_A_MODEL | {"people", "send"},
    "address": {"people", "send", "tool"},
}


def signs_of_an_order(sentence: str, *, closely: bool = False) -> dict[str, int]:
    """Names of the signs, with their points; empty for nearly every sentence. Time grows with its length, not faster.

    Without `closely` a sentence that cannot be worth `SURE` is not looked at: its weak signs stay unseen.
    """
    if not closely and not WORTH_A_LOOK.search(sentence.lower()) and not DISGUISED.search(sentence):
        return {}
    found: dict[str, int] = {}
    for start in range(0, max(len(sentence), 1), _LONGEST):
        part = sentence[max(0, start - _LONGEST // 4) : start + _LONGEST]
        for name, points in _signs(part).items():
            found[name] = max(points, found.get(name, 0))
        if score(found) >= SURE:
            break
    return found


def score(signs: dict[str, int]) -> int:
    return sum(signs.values())


def _signs(text: str) -> dict[str, int]:
    bare = bare_words(text)
    found: dict[str, int] = {}
    for name, points, pattern in SIGNS:
        if points > found.get(name, 0) and pattern.search(bare):
            found[name] = points
    if MARKERS.search(text):
        found["marker"] = 2
    if SPEAKER.search(text):
        found["speaker"] = 1
    return _weighed(found, text) or _encoded(text)


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
    """An order in base64 or percent signs, as somebody would write who does not want it to be read."""
    said = [unquote(run[0]) for run in _PERCENT.finditer(text)]
    for run in _BASE64.finditer(text):
        try:
            said.append(base64.b64decode(run[0] + "=" * (-len(run[0]) % 4)).decode())
        except (binascii.Error, UnicodeDecodeError):
            continue
    return {"encoded": 2} if any(score(_signs(one)) >= SURE for one in said if one.isprintable()) else {}
