"""A text becomes an intent, or two or three that come near, or nothing: most of what is typed wants nothing.

What it learns from is `phrases.txt`, examples in both languages; the result is kept beside the prepared models, by the
embedding model and the phrases it was made of. Until it is there everything wants nothing.
"""

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from core.embeddings.base import Embedder
from core.errors import Unavailable
from core.intents.base import DESTRUCTIVE, NONE, NOTHING, Intent, Reading
from core.intents.model import IntentModel, Likeness
from core.intents.signs import notions_in
from core.search.meanings import meaning_of_question

log = logging.getLogger(__name__)
LONGEST = 200
"""Characters; a longer text is no wish but a text."""
SURE, CLEAR = 0.3, 0.12
"""What the best must have, and by how much it must lead the next and what wants nothing."""
PERHAPS, NEAR, LEAST = 0.15, 0.2, 0.1
"""What the best of several has at least, how far behind it the others may be, and what they have at least."""
MOST_OFFERED = 3
ALIKE, BEHIND = 0.3, 0.1
"""How near the likest example must be, and how far behind the likest that wants nothing it may be: what shares no more
than a word with them ("the contacts on my phone") is no wish. Chosen by cross-validation over the examples."""
_ENDING = {"DELETE", "OFF"}
_AT_ONCE = 16
"""Phrases in one request: customers' questions come in between."""
_AGAIN_S = 60.0
_PATIENCE_S = 3.0
"""So long a text waits for what was learnt earlier to be loaded."""


class IntentReader:
    """`folder` is where models are kept; `learn` is to be started once."""

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        self._embedder = embedder
        self._file = folder / f"intents-{_hash_of(embedder)}.npz"
        self._model: IntentModel | None = None
        self._learnt = asyncio.Event()

    async def learn(self) -> None:
        """Load what was learnt, or learn it: seconds, once in an installation. Tries again while the embedder is
        away."""
        while self._model is None:
            try:
                self._model = await asyncio.to_thread(_kept, self._file) or await self._fit()
            except Unavailable as error:
                log.warning("the examples of intents could not be read: %s", error)
                await asyncio.sleep(_AGAIN_S)
        self._learnt.set()

    async def read(self, text: str) -> Reading:
        """What the text wants. Raises `Unavailable`."""
        text = text.strip()
        if not text or len(text) > LONGEST:
            return NOTHING
        if self._model is None:  # just started: a moment later it is there, unless it must be learnt first
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE_S):
                    await self._learnt.wait()
        if self._model is None:
            return NOTHING
        return reading_of(self._model.likeness(text, await meaning_of_question(self._embedder, text)), text)

    async def _fit(self) -> IntentModel:
        texts, wanted = phrases()
        parts = [
            await self._embedder.embed_passages(texts[start : start + _AT_ONCE])
            for start in range(0, len(texts), _AT_ONCE)
        ]
        model = await asyncio.to_thread(IntentModel.fit, texts, wanted, np.concatenate(parts))
        await asyncio.to_thread(_keep, model, self._file)
        return model


def reading_of(likeness: Mapping[str, Likeness], text: str) -> Reading:
    """What a text wants, by its likeness to each intent and to what wants nothing."""
    nothing = likeness[NONE]
    found = sorted(((one.score, Intent(name)) for name, one in likeness.items() if name != NONE), reverse=True)
    (best, intent), (second, _) = found[:2]
    nearest = likeness[intent].nearest
    if best < PERHAPS or best < nothing.score or nearest < max(ALIKE, nothing.nearest - BEHIND):
        return NOTHING
    ends = intent in DESTRUCTIVE
    ended = not ends or bool(_ENDING & notions_in(text))
    if ended and best >= SURE and best - max(second, nothing.score) >= CLEAR * (1 + ends):
        return Reading(intent)
    return Reading(perhaps=tuple(one for score, one in found[:MOST_OFFERED] if score >= max(best - NEAR, LEAST)))


@cache
def phrases() -> tuple[list[str], list[str]]:
    """Examples, and the name of what each is an example of."""
    return read_phrases(Path(__file__).with_name("phrases.txt"))


def read_phrases(file: Path) -> tuple[list[str], list[str]]:
    """A file of sections `[name]`, a phrase a line."""
    texts: list[str] = []
    wanted: list[str] = []
    name = ""
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            name = line.strip("[]")
        elif line and not line.startswith("#"):
            texts.append(line)
            wanted.append(name)
    return texts, wanted


def _hash_of(embedder: Embedder) -> str:
    known = hashlib.blake2b(f"{embedder.name}:{embedder.dimension}\n".encode(), digest_size=8)
    for name in ("phrases.txt", "words.txt", "model.py", "signs.py"):
        known.update(Path(__file__).with_name(name).read_bytes())
    return known.hexdigest()


def _kept(file: Path) -> IntentModel | None:
    try:
        return IntentModel.load(file)
    except (OSError, EOFError, ValueError, KeyError, BadZipFile):
        return None


def _keep(model: IntentModel, file: Path) -> None:
    """A disk that takes nothing costs the next start some seconds, no more."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        model.save(file)
    except OSError as error:
        log.warning("what was learnt of intents could not be kept: %s", error)
