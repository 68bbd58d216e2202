"""Is what we depend on there? For probes: bounded in time, cheap, and nothing but yes or no to the outside."""

import asyncio
import logging
from collections.abc import Awaitable

from core.app import Core
from core.database import DATABASE_AWAY
from core.errors import Unavailable
from core.models import Tenant

log = logging.getLogger(__name__)
TIMEOUT_S = 5.0


async def readiness(core: Core) -> dict[str, bool]:
    """Each part and whether it answers now. `model` is the embedding model: without it nothing can be found."""
    async with asyncio.TaskGroup() as group:
        parts = {
            "database": group.create_task(_answers("database", Tenant.all().limit(1).exists())),
            "vectors": group.create_task(_answers("vectors", core.vectors.check())),
            "model": group.create_task(_answers("model", core.embedder.embed_query("ready?"))),
        }
    return {name: part.result() for name, part in parts.items()}


async def _answers(part: str, question: Awaitable[object]) -> bool:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            await question
    except (*DATABASE_AWAY, Unavailable) as error:
        log.warning("%s is not ready: %s", part, error)
        return False
    return True
