"""An owner's turns of phrase: "Ahoy, captain!", "…, dear guest". A voice needs them, and no document says them. Pure.

A phrase stands by itself between marks of punctuation, comes back in answer after answer, and states nothing: no
number, no name, no "not", no "yes", and at least one word that neither questions nor passages have. So an adapter may
say it without a source, while all else that it says still needs one (core/grounding.py).
"""

import math
import re
from collections import Counter
from collections.abc import Sequence

from core.claims import negates
from core.learning.examples import Example, Source
from core.words import content_stems, stem_set, words_of

SHARE = 0.2
FEWEST = 3
LONGEST = 5
"""Words of a phrase."""
_MARK = re.compile(r"([,;:!?.…—–]+\s*|\s+[-–—]\s+)")
_VERDICTS = frozenset("yes no sure да нет конечно".split())


def house_phrases(examples: Sequence[Example]) -> tuple[str, ...]:
    """Those of a data set, as `normal` writes them, the most frequent first. `texts` must have been looked up."""
    taught = [example for example in examples if example.source is not Source.REFUSAL]
    counted = Counter(part for example in taught for part in {normal(one) for one in _MARK.split(example.answer)})
    needed = max(FEWEST, math.ceil(SHARE * len(taught)))
    often = [phrase for phrase, count in counted.most_common() if phrase and count >= needed]
    known = frozenset[str]().union(
        *(stem_set(text) for example in taught for text in (example.question, *(example.texts or ())))
    )
    return tuple(phrase for phrase in often if _states_nothing(phrase, known))


def _states_nothing(phrase: str, known: frozenset[str]) -> bool:
    words = phrase.split()
    if len(words) > LONGEST or any(letter.isdigit() for letter in phrase) or negates(phrase):
        return False
    stems = set(content_stems(phrase))
    return not (len(words) == 1 and words[0] in _VERDICTS) and bool(stems) and not stems <= known


def without_phrases(sentence: str, phrases: frozenset[str]) -> str:
    """What a sentence states; empty when it is nothing but phrases."""
    if not phrases:
        return sentence
    parts = _MARK.split(sentence)  # text, mark, text, mark, …
    kept: list[str] = []
    dropped = False
    for at in range(0, len(parts), 2):
        mark = parts[at + 1] if at + 1 < len(parts) else ""
        if normal(parts[at]) in phrases:
            dropped = True
            if kept and mark:  # the sentence ends as it did
                kept[-1] = mark
            continue
        kept += [parts[at], mark]
    said = "".join(kept).strip()
    if not dropped:
        return sentence
    return said[:1].upper() + said[1:] if words_of(said) else ""


def normal(text: str) -> str:
    """Words alone, in lower case."""
    return " ".join(words_of(text))
