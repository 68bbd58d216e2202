"""The role of customers' bots: every channel that owners connected, served in this process."""

from bots.registry import Registry
from core.app import Core


async def run(core: Core) -> None:
    """Serve all channels until cancelled."""
    await Registry(core).run()
