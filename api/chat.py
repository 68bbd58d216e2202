"""A customer's question, answered whole or as a stream. What an answer is made of is `core/dialog.py`'s story."""

import time
from dataclasses import replace
from functools import partial
from typing import Annotated
from uuid import UUID, uuid4

from pydantic import BaseModel, Field, StringConstraints
from quart import Blueprint, Response, g, jsonify, request
from quart_rate_limiter import rate_limit
from quart_schema import document_response, validate_request

from api.access import Customer, key_or_visitor
from api.context import caller_locale, the_core, this_app
from api.limits import for_chat
from api.metrics import Metrics
from api.problems import problem
from api.streaming import Answer, AnswerStream, EventForm, Work, stream_response
from core.app import Core
from core.conversations import citation_record, contact_in
from core.dialog import answer_message
from core.errors import Invalid, NotFound
from core.messages import Incoming, OnText, Reply
from core.once import do_once
from core.storable import storable
from core.words import is_blank

blueprint = Blueprint("chat", __name__)
LONGEST_KEY = 128
ContactKey = Annotated[str, Field(min_length=1, max_length=128)]


class ContactCard(BaseModel):
    """The program's own customer: `id` is his in its system."""

    id: ContactKey
    name: Annotated[str, Field(max_length=200)] = ""


class Question(BaseModel):
    """`conversation_id` continues a conversation, `contact` that customer's latest; neither begins a new one."""

    message: Annotated[str, StringConstraints(strip_whitespace=True), Field(min_length=1, max_length=4000)]
    conversation_id: UUID | None = None
    contact: ContactCard | ContactKey | None = None


class CitationView(BaseModel):
    passage_id: UUID
    document_id: UUID
    document: str
    page: int | None
    quote: str
    url: str


class ChatAnswer(BaseModel):
    """`tier`: verified, grounded, quoted, refused; handed_over: a person was called; person: one talks, and `answer` is
    empty. `timings` are seconds."""

    answer: str
    tier: str
    citations: list[CitationView]
    conversation_id: UUID
    message_id: UUID
    timings: dict[str, float]


@blueprint.post("/chat")
@rate_limit(limits=for_chat())
@key_or_visitor("chat")
@validate_request(Question)
@document_response(ChatAnswer)
async def chat(data: Question) -> Response:
    """Ask. With `Accept: text/event-stream` the answer comes as events token, citations, done, error.

    With `Idempotency-Key` a repetition gets the stored answer, and the question is asked once.
    """
    answer = await _prepare(data)
    if "text/event-stream" not in request.headers.get("Accept", ""):
        return jsonify(await answer(_nobody_listens))
    explain = partial(problem, the_core().texts, caller_locale(), request.path, g.request_id)
    return stream_response(AnswerStream(the_core().background, answer, EventForm(explain)))


async def _prepare(data: Question) -> Work:
    """What answers this question, once somebody listens. Raises `Invalid`, `NotFound` for somebody else's
    conversation."""
    customer: Customer = g.customer
    if is_blank(data.message):
        raise Invalid(field="message", reason="invalid-blank")
    incoming = await incoming_of(customer, data)
    answer = partial(answer_incoming, the_core(), this_app().metrics)
    key = request.headers.get("Idempotency-Key")
    if key is None:
        guest = incoming.contact_key or f"guest-{uuid4().hex}"
        return partial(answer, replace(incoming, contact_key=guest))
    if not 1 <= len(key) <= LONGEST_KEY:
        raise Invalid(field="Idempotency-Key", reason="invalid-length", least=1, most=LONGEST_KEY)

    async def once(on_text: OnText) -> Answer:
        async def work(event_id: UUID) -> Answer:
            guest = incoming.contact_key or f"guest-{event_id.hex}"
            return await answer(replace(incoming, contact_key=guest, question_id=event_id), on_text)

        return await do_once(customer.source, storable(key), data.model_dump(mode="json"), work)

    return once


async def incoming_of(customer: Customer, data: Question) -> Incoming:
    """The question as core takes it; `contact_key` is empty for a guest. Raises `NotFound` for a conversation that is
    not this contact's."""
    card = ContactCard(id=data.contact) if isinstance(data.contact, str) else data.contact
    contact_key = customer.contact_key or (card.id if card else "")
    if data.conversation_id:
        contact = await contact_in(customer.assistant_id, customer.channel, data.conversation_id)
        if contact_key and contact.key != contact_key:
            raise NotFound(what="conversation")
        contact_key = contact.key
    return Incoming(
        assistant_id=customer.assistant_id,
        channel=customer.channel,
        contact_key=contact_key,
        text=data.message,
        contact_name=card.name if card else "",
        conversation_id=data.conversation_id,
    )


async def answer_incoming(core: Core, metrics: Metrics, incoming: Incoming, on_text: OnText) -> Answer:
    """The answer as JSON, counted."""
    began = time.perf_counter()
    reply = await answer_message(core, incoming, on_text)
    metrics.count_answer(reply.tier, time.perf_counter() - began)
    return _as_json(reply)


def _as_json(reply: Reply) -> Answer:
    return {
        "answer": reply.text,
        "tier": reply.tier.value,
        "citations": [citation_record(citation) for citation in reply.citations],
        "conversation_id": str(reply.conversation_id),
        "message_id": str(reply.message_id),
        "timings": reply.timings,
    }


async def _nobody_listens(_text: str) -> None:
    """The whole answer is returned."""
