"""Three pictures of how a bot's token is got from @BotFather. Drawn by `python -m tests.pictures`, from the locales."""

import asyncio
from pathlib import Path

FOLDER = Path(__file__).parent
STEPS = (1, 2, 3)


def picture(locale: str, step: int) -> Path:
    return FOLDER / f"token-{step}-{locale}.png"


async def token_pictures(locale: str) -> list[tuple[str, bytes]]:
    """Name and content of each, in their order."""
    files = [picture(locale, step) for step in STEPS]
    return await asyncio.to_thread(lambda: [(file.name, file.read_bytes()) for file in files])
