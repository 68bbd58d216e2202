"""Files of examples, read where they can do no harm (core/parsing/sandbox.py). Refuses to know whose they are."""

import asyncio
import json
from collections import Counter
from pathlib import Path

from core.errors import DocumentTooHard
from core.learning.exchanges import ExamplesUnreadable, Exchange, Found
from core.learning.telegram_chat import Speaker
from core.parsing.sandbox import ParseLimits, ask_child

LIMITS = ParseLimits(cpu_s=60, wall_s=90.0, characters=25_000_000)


async def read_file(path: Path, filename: str, speaker: str = "", limits: ParseLimits = LIMITS) -> Found:
    """What a file teaches, in bounded time and memory. Raises `ExamplesUnreadable`."""
    try:
        answer, status = await ask_child(_command(path, filename, speaker, limits), limits)
    except DocumentTooHard:
        raise ExamplesUnreadable(reason="too-large") from None
    if status != 0:
        raise ExamplesUnreadable(reason="too-large" if status < 0 else "broken")
    return await asyncio.to_thread(_understand, answer)


def _command(path: Path, filename: str, speaker: str, limits: ParseLimits) -> tuple[str, ...]:
    numbers = f"{limits.memory_bytes},{limits.cpu_s},{limits.characters}"
    return "core.learning.child", numbers, str(path.resolve()), filename, speaker


def _understand(answer: bytes) -> Found:
    verdict = json.loads(answer)
    if reason := verdict.get("error"):
        raise ExamplesUnreadable(reason=reason)
    return Found(
        kind=verdict["kind"],
        speakers=[Speaker(**one) for one in verdict["speakers"]],
        exchanges=[Exchange(**{**one, "names": tuple(one["names"])}) for one in verdict["exchanges"]],
        left_out=Counter(verdict["left_out"]),
    )
