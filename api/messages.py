"""What customers think of answers."""

from typing import Annotated

from pydantic import BaseModel, Field
from quart import Blueprint
from quart_rate_limiter import rate_limit
from quart_schema import validate_request

from api.access import key_or_visitor
from api.limits import for_chat
from core.conversations import rate_answer
from core.models import Message

blueprint = Blueprint("messages", __name__)


class Feedback(BaseModel):
    """1: helped, -1: did not, 0: takes it back."""

    score: Annotated[int, Field(ge=-1, le=1)]
    comment: Annotated[str, Field(max_length=2000)] = ""


@blueprint.post("/messages/<uuid:message_id>/feedback")
@rate_limit(limits=for_chat())
@key_or_visitor("chat")
@validate_request(Feedback)
async def rate(message: Message, data: Feedback) -> tuple[str, int]:
    """Say whether an answer helped; the last word counts."""
    await rate_answer(message, data.score, data.comment)
    return "", 204
