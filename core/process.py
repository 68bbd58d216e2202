"""How every process of the product starts and stops: logging, one Core, its roles side by side, clean signals."""

import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence

import uvloop

from core.app import Core, open_core
from core.errors import ProductError
from core.settings import Settings
from core.texts import Texts

Role = Callable[[Core], Awaitable[None]]
"""A role serves until it is cancelled."""

log = logging.getLogger(__name__)


def run_process(roles: Sequence[Role], settings: Settings, before: Role | None = None) -> None:
    """Open a Core, await `before` once, serve all roles; SIGINT and SIGTERM end it with exit status 0."""
    logging.basicConfig(
        level=settings.log_level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    for noisy in (
        "aiogram.event",
        "faiss",
        "hypercorn.access",
        "hypercorn.error",
        "milvus_lite",
        "pymilvus",
        "tortoise",
    ):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # Milvus Lite says so of every call that only a Milvus server knows; the client copes without them.
    logging.getLogger("grpc._server").addFilter(lambda record: "Method not implemented" not in record.getMessage())
    try:
        uvloop.run(_run(roles, settings, before))
    except* ProductError as refusals:
        log.debug("the process cannot go on", exc_info=refusals)
        raise SystemExit("\n".join(_in_words(refusals))) from None


def _in_words(refusals: BaseExceptionGroup[ProductError]) -> Iterator[str]:
    """A line for each thing that stops the process: the sentence, and the facts for whoever mends it."""
    for error in refusals.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _in_words(error)
        else:
            yield f"{Texts().explain('en', error)} ({error.code}: {error.facts})"


async def _run(roles: Sequence[Role], settings: Settings, before: Role | None) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    # Opening takes seconds, or minutes the first time; a signal must end that too.
    serving = loop.create_task(_serve(roles, settings, before), name="serving")
    stopping = loop.create_task(stop.wait(), name="stopping")
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not serving.done():
        log.info("stopping")
        serving.cancel()
    try:
        await serving
    except asyncio.CancelledError:
        log.info("stopped")


async def _serve(roles: Sequence[Role], settings: Settings, before: Role | None) -> None:
    async with open_core(settings, say=_say) as core:
        if before:
            await before(core)
        async with asyncio.TaskGroup() as group:
            for role in roles:
                group.create_task(_as_coroutine(role, core), name=role.__module__)


async def _as_coroutine(role: Role, core: Core) -> None:
    await role(core)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
