"""One thread for one model, where queries overtake a long batch of passages, and those that wait share one call.

Passages come in small steps and only one step at a time is handed to the thread, so a query that arrives in the
middle of ten thousand passages waits for the step that runs, never for the batch. Refuses to know what a model is.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

T = TypeVar("T")
Query = TypeVar("Query")
Answer = TypeVar("Answer")
TOGETHER = 8
"""Queries in one call, at most: more would not be faster, only longer to wait for."""


class Turns(Generic[Query, Answer]):
    def __init__(self, name: str, answer: Callable[[Sequence[Query]], Iterable[Answer]]) -> None:
        """`answer` takes some queries and gives an answer to each; it is called in the thread."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._step = asyncio.Lock()
        self._answer = answer
        self._waiting: deque[tuple[Query, Future[Answer]]] = deque()

    async def query(self, query: Query) -> Answer:
        """Its answer, together with those of others who wait now. Raises what `answer` raises."""
        future: Future[Answer] = Future()
        self._waiting.append((query, future))
        self._thread.submit(self._answer_some)
        return await asyncio.wrap_future(future)

    async def step(self, work: Callable[[], T]) -> T:
        """One small step of a batch; other batches take their turns between two steps."""
        async with self._step:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def close(self) -> None:
        """Let the running step end; what waits is cancelled."""
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)
        while self._waiting:
            self._waiting.popleft()[1].cancel()

    def _answer_some(self) -> None:
        """In the thread, once for every query: the first call takes along those that the later ones would find."""
        taken = [self._waiting.popleft() for _ in range(min(TOGETHER, len(self._waiting)))]
        wanted = [(query, future) for query, future in taken if future.set_running_or_notify_cancel()]
        if not wanted:
            return
        try:
            answers = self._answer([query for query, _ in wanted])
        except BaseException as error:  # noqa: BLE001 - it belongs to those who asked
            for _, future in wanted:
                future.set_exception(error)
            return
        for (_, future), answer in zip(wanted, answers, strict=True):
            future.set_result(answer)
