"""Bounded waiting: a test never sleeps and hopes, it asks again until the thing is so, or fails with a sentence."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def until(check: Callable[[], Awaitable[T]], timeout_s: float = 30.0, every_s: float = 0.05) -> T:
    """What `check` returns as soon as it is true; `AssertionError` when it is not in time."""
    loop = asyncio.get_running_loop()
    end = loop.time() + timeout_s
    while not (found := await check()):
        assert loop.time() < end, f"not so within {timeout_s:g} s: {getattr(check, '__qualname__', check)}"
        await asyncio.sleep(every_s)
    return found
