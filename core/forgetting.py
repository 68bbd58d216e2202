"""Adapters that serve nobody any more go out of this process's memory, whichever process deleted or refused them."""

import asyncio
import logging
from contextlib import suppress
from uuid import UUID

from core.database import DATABASE_AWAY
from core.llm.fair import FairLanguageModel
from core.models import AdapterStatus, LoraAdapter

log = logging.getLogger(__name__)
EVERY_S = 5.0
_SERVING = (AdapterStatus.EVALUATING, AdapterStatus.COMPLETED)


async def forget_for_ever(model: FairLanguageModel) -> None:
    """Look every few seconds until cancelled. A database away is waited out."""
    while True:
        await asyncio.sleep(EVERY_S)
        with suppress(*DATABASE_AWAY):
            await forget_gone(model)


async def forget_gone(model: FairLanguageModel) -> None:
    """Of the adapters that answered here, those that were deleted or taken back."""
    held = set(model.adapters)
    if not held:
        return
    rows = await LoraAdapter.filter(id__in=[UUID(one) for one in held], status__in=_SERVING).only("id")
    for gone in held - {str(row.id) for row in rows}:
        log.info("adapter %s is gone: its memory is free", gone)
        await model.forget_adapter(gone)
