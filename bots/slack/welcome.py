"""What happens without a question: somebody opens a conversation with the assistant. Refuses to know answers."""

from bots.slack.desk import Desk
from core.models import ProcessedEvent


async def welcome(desk: Desk, event: ProcessedEvent) -> None:
    """Greets, where nothing was said yet."""
