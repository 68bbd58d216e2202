"""Visitors of a public page: nobody asks who they are, a short-lived token holds their conversation together."""

from uuid import uuid4

from pydantic import BaseModel
from quart import Blueprint
from quart_rate_limiter import rate_limit
from quart_schema import validate_response

from api.access import public
from api.context import the_core
from api.limits import per_minute
from core.accounts import VISITOR_LIFE, sign
from core.models import Assistant

blueprint = Blueprint("visitors", __name__)


class VisitorToken(BaseModel):
    """A bearer token for `chat` and `messages/{id}/feedback`; `expires_in` is in seconds."""

    token: str
    expires_in: int


@blueprint.post("/assistants/<uuid:assistant_id>/visitors")
@rate_limit(limits=per_minute(30))
@public
@validate_response(VisitorToken, 201)
async def welcome(assistant: Assistant) -> tuple[VisitorToken, int]:
    """Become a visitor of an assistant with a public page."""
    token = sign(the_core().keyring, "visitor", uuid4().hex, VISITOR_LIFE, assistant=str(assistant.id))
    return VisitorToken(token=token, expires_in=int(VISITOR_LIFE.total_seconds())), 201
