"""A call in a thread that ends in the very moment in which its caller is cancelled does not keep him from being so."""

import asyncio
import threading

import pytest

from core.vectors import VectorStore


async def test_being_cancelled_is_not_lost_when_the_answer_comes_at_the_same_moment() -> None:
    store = VectorStore(None, "any model", 3)  # type: ignore[arg-type]  # what is called needs no client
    asked, may_end = threading.Event(), threading.Event()

    def work() -> str:
        asked.set()
        may_end.wait(5)
        return "an answer"

    calling = asyncio.get_running_loop().create_task(store._call(work))
    await asyncio.to_thread(asked.wait, 5)
    may_end.set()
    store._threads.shutdown(wait=True)  # it has answered, and the loop has not heard of it yet
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling
