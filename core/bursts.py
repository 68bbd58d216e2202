"""A customer's burst of short messages is one question, in every channel where people chat.

Who has not finished his sentence is waited for; a whole question is answered at once, and begun anew when another
message follows before its answer is there. What belongs together follows from the messages and from when they were
accepted, so that a restart finds the same bursts. Refuses to know channels, and how answers are made.
"""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from core.conversations import is_answered
from core.lanes import Following
from core.messages import Piece
from core.models import ProcessedEvent
from core.words import is_greeting, stem, words_of

T = TypeVar("T")

PAUSE = timedelta(seconds=1.5)
"""Between two messages of one burst."""
MOST_PIECES = 10
MOST_CHARS = 2000
FEW_WORDS = 2
_OPEN_END = (*",:;-–—…(", "...")
_SAID_ALL = (*"?!.)\"'»”",)
_DANGLING = frozenset(
    """and or but because if that which a an the of for to in on at with from about by is are was do does my your our
    how what when where
    и а но или либо что чтобы если когда где как какой какая какие сколько потому в во на с со к ко у о об от до по для
    из за про без при ли не есть мой моя мои ваш ваша ваши""".split()
)
_DANGLING_THREE = frozenset(
    stem(word) for word in "is are can do does you me it we i can could вы мы я мне вас".split()
)


def looks_unfinished(text: str) -> bool:
    """Whether more is likely to come: a greeting alone, a few words without an end, or words that want a next one."""
    text = text.strip()
    if is_greeting(text) or text.endswith(_OPEN_END):
        return True
    words = words_of(text)
    if not words or text.endswith(_SAID_ALL):
        return False
    if len(words) <= FEW_WORDS or words[-1] in _DANGLING:
        return True
    return len(words) == FEW_WORDS + 1 and stem(words[-1]) in _DANGLING_THREE


class Burst:
    """One question in the making. `joins` gives the words with which an event joins the one before; none if not."""

    def __init__(
        self,
        first: ProcessedEvent,
        text: str,
        following: Following[ProcessedEvent],
        joins: Callable[[ProcessedEvent, ProcessedEvent], str],
    ) -> None:
        self.events = [first]
        self._texts = [text]
        self._following = following
        self._joins = joins

    async def answer(self, compose: Callable[[tuple[Piece, ...]], Coroutine[Any, Any, T]]) -> T:
        """What `compose` made of all pieces; it is cancelled and asked again when another one comes in time."""
        while True:
            if looks_unfinished(self._texts[-1]) and await self._join(await self._next()):
                continue
            loop = asyncio.get_running_loop()
            composing = loop.create_task(compose(self.pieces), name="an answer that may be begun anew")
            coming = loop.create_task(self._next(), name="what may join a burst")
            try:
                await asyncio.wait({composing, coming}, return_when=asyncio.FIRST_COMPLETED)
                if composing.done() or coming.result() is None:
                    return await composing
                await _stop(composing)
                if not composing.cancelled():
                    return composing.result()
            finally:
                await _stop(composing, coming)
            await self._join(coming.result())

    @property
    def pieces(self) -> tuple[Piece, ...]:
        return tuple(Piece(event.id, text) for event, text in zip(self.events, self._texts, strict=True))

    @property
    def joined(self) -> list[str]:
        """Ids of the events beside the first."""
        return [str(event.id) for event in self.events[1:]]

    async def _next(self) -> tuple[ProcessedEvent, str] | None:
        """The next event and its words, when it comes in time and belongs here."""
        last = self.events[-1]
        left = last.created_at + PAUSE - datetime.now(UTC)
        event = await self._following.at(len(self.events) - 1, left.total_seconds())
        if event is None or len(self.events) == MOST_PIECES or event.created_at - last.created_at > PAUSE:
            return None
        words = self._joins(last, event)
        if not words or sum(map(len, self._texts)) + len(words) > MOST_CHARS or await is_answered(last.id):
            return None
        return event, words

    async def _join(self, found: tuple[ProcessedEvent, str] | None) -> bool:
        """Not when the answer was stored just before it could be stopped: then that one is sent."""
        if found is None or await is_answered(self.events[-1].id):
            return False
        event, words = found
        self.events.append(event)
        self._texts.append(words)
        return True


async def _stop(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
