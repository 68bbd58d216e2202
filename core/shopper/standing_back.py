"""The shopper has time, customers have not: he asks only while nobody is being answered, and breaks off when somebody
writes; what he broke off is asked again. Refuses to know what is asked.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from core.errors import Unavailable
from core.turn_taking import somebody_is_answered, somebody_is_answered_here

LOOK_S = 0.02
"""How soon a customer of this process has the machine to himself."""
LOOK_ELSEWHERE_S = 1.0
PATIENCE_S = 180.0
"""So long one question waits for a quiet moment before its job makes room for others."""
Result = TypeVar("Result")


async def when_quiet(work: Callable[[], Awaitable[Result]]) -> Result:
    """What `work` returns, once nobody came in between. Raises `Unavailable` when it is never quiet for long enough."""
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE_S
    while True:
        if loop.time() > until:
            raise Unavailable(part="answer", reason="customers are being answered")
        if await somebody_is_answered():
            await asyncio.sleep(LOOK_ELSEWHERE_S / 4)
            continue
        asking = loop.create_task(_done(work), name="a question of the mystery shopper")
        try:
            await _until_over_or_disturbed(asking)
        finally:
            asking.cancel()
            await asyncio.wait({asking})
        if not asking.cancelled():
            return asking.result()


async def _done(work: Callable[[], Awaitable[Result]]) -> Result:
    return await work()


async def _until_over_or_disturbed(asking: "asyncio.Task[Result]") -> None:
    loop = asyncio.get_running_loop()
    look_elsewhere_at = loop.time() + LOOK_ELSEWHERE_S
    while not asking.done():
        if somebody_is_answered_here():
            return
        if loop.time() >= look_elsewhere_at:
            if await somebody_is_answered():
                return
            look_elsewhere_at = loop.time() + LOOK_ELSEWHERE_S
        await asyncio.wait({asking}, timeout=LOOK_S)
