"""OpenAI's protocol over the same engine: `/v1/chat/completions` and `/v1/models`, for programs that speak it already.

`assistant` is the assistant that the key opens, as in api/chat.py: grounded, cited, refused. The other model is the
language model itself: no documents, no memory, nothing stored. What the client calls a system message is data here:
it reaches the bare model as he wrote it, and never an assistant.
"""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from uuid import uuid4

from quart import Blueprint, Response, g, request
from quart_rate_limiter import rate_limit
from quart_schema import document_response, validate_request, validate_response

from api.access import Customer, key_required
from api.chat import Question, answer_incoming, incoming_of
from api.context import caller_locale, the_core, this_app
from api.limits import for_chat
from api.metrics import Metrics
from api.openai_forms import ASSISTANT, ChatCompletion, ChatMessage, ChatOrder, CompletionForm, Models, ModelView
from api.problems import problem
from api.streaming import Answer, AnswerStream, Work, stream_response
from core.app import Core
from core.errors import Invalid, NoSuchModel, PromptTooLong
from core.grounding import scope_of
from core.llm.base import Sampling, Turn
from core.messages import Incoming, OnText, Said, Tier
from core.models import Assistant
from core.words import is_blank, language_of

blueprint = Blueprint("completions", __name__)
LONGEST_QUESTION = 4000
LONGEST_ANSWER = 1024
"""Tokens of the bare model when the client names no number."""
MARKERS_A_TURN = 8
MARKERS = 32
"""Tokens that a chat's form adds, at most: to every turn, and once."""


@blueprint.get("/models")
@rate_limit(limits=for_chat())
@key_required("chat")
@validate_response(Models)
async def list_models() -> Models:
    """The language model, and the assistant of this key."""
    return Models(data=_models())


@blueprint.get("/models/<path:name>")
@rate_limit(limits=for_chat())
@key_required("chat")
@validate_response(ModelView)
async def get_model(name: str) -> ModelView:
    """One of them."""
    for model in _models():
        if model.id == name:
            return model
    raise NoSuchModel(model=name[:100])


def _models() -> list[ModelView]:
    """The language model first: whoever connects to us without naming a model means that one."""
    created, llm = int(g.assistant.created_at.timestamp()), the_core().llm
    bare = ModelView(id=llm.name, created=created, max_model_len=llm.context_tokens)
    return [bare, ModelView(id=ASSISTANT, created=created)]


@blueprint.post("/chat/completions")
@rate_limit(limits=for_chat())
@key_required("chat")
@validate_request(ChatOrder)
@document_response(ChatCompletion)
async def complete(data: ChatOrder) -> Answer | Response:
    """Ask in OpenAI's protocol. With `stream` the answer comes as chunks, an `error` in the middle of them if need be.

    Tools, pictures, sound, log probabilities and more than one choice are not offered.
    """
    data.check()
    work = await _prepare(data)
    form = CompletionForm(data, partial(problem, the_core().texts, caller_locale(), request.path, g.request_id))
    if not data.stream:
        return form.whole(await work(_nobody_listens))
    stream = AnswerStream(the_core().background, work, form)
    await stream.begin()
    return stream_response(stream)


async def _prepare(order: ChatOrder) -> Work:
    """What answers, once somebody listens. Raises `NoSuchModel`, `Invalid`, `PromptTooLong`, `NotFound`."""
    core, assistant = the_core(), g.assistant
    if order.model in ("", ASSISTANT):
        return partial(_ask_assistant, core, this_app().metrics, order, await _incoming(order))
    if order.model != core.llm.name:
        raise NoSuchModel(model=order.model[:100])
    prompt = await _count(core, order.messages)
    room = core.llm.context_tokens - prompt - MARKERS - MARKERS_A_TURN * len(order.messages)
    if room < 1:
        raise PromptTooLong(field="messages", most=core.llm.context_tokens)
    return partial(_ask_model, core, assistant, order, prompt, room)


async def _incoming(order: ChatOrder) -> Incoming:
    """The user's last message is the question, and what stands before it the conversation."""
    customer: Customer = g.customer
    places = [place for place, message in enumerate(order.messages) if message.role == "user"]
    if not places:
        raise Invalid(field="messages", reason="invalid-no-question")
    text = order.messages[places[-1]].content.strip()
    if text and is_blank(text):
        raise Invalid(field="messages", reason="invalid-blank")
    if not 1 <= len(text) <= LONGEST_QUESTION:
        raise Invalid(field="messages", reason="invalid-length", least=1, most=LONGEST_QUESTION)
    question = Question(message=text, conversation_id=order.conversation_id, contact=order.user)
    incoming = await incoming_of(customer, question)
    guest = incoming.contact_key or f"guest-{uuid4().hex}"
    return replace(incoming, contact_key=guest, history=_history(order.messages[: places[-1]]))


def _history(messages: Sequence[ChatMessage]) -> tuple[Said, ...]:
    return tuple(
        Said("customer" if message.role == "user" else "assistant", message.content)
        for message in messages
        if message.role in ("user", "assistant")
    )


async def _ask_assistant(core: Core, metrics: Metrics, order: ChatOrder, incoming: Incoming, on_text: OnText) -> Answer:
    answer = await answer_incoming(core, metrics, incoming, on_text)
    if answer["tier"] == Tier.PERSON:  # this protocol knows no silence
        answer["answer"] = core.texts.say(language_of(incoming.text), "customer-person-answers")
    prompt = await _count(core, order.messages)
    return answer | {"finish_reason": "stop", "usage": _usage(prompt, core.llm.count_tokens(answer["answer"]))}


async def _ask_model(
    core: Core, assistant: Assistant, order: ChatOrder, prompt: int, room: int, on_text: OnText
) -> Answer:
    """The bare model's words. Raises `ModelUnavailable`."""
    most = min(room, order.max_completion_tokens or order.max_tokens or LONGEST_ANSWER)
    sampling = Sampling(max_tokens=most, temperature=order.temperature, top_p=order.top_p)
    cut = StopCut(order.stop)
    pieces, said = 0, ""
    async with aclosing(core.llm.stream(_turns(order.messages), sampling, scope=scope_of(assistant, None))) as stream:
        async for piece in stream:
            pieces += 1
            said += (visible := cut.add(piece))
            if visible:
                await on_text(visible)
            if cut.found:
                break
    if rest := cut.rest():
        said += rest
        await on_text(rest)
    tokens = core.llm.count_tokens(said)
    cut_off = not cut.found and max(pieces, tokens) >= most
    return {"answer": said, "finish_reason": "length" if cut_off else "stop", "usage": _usage(prompt, tokens)}


def _turns(messages: Sequence[ChatMessage]) -> list[Turn]:
    """OpenAI's newer models call the system "developer"."""
    return [Turn("system" if line.role == "developer" else line.role, line.content) for line in messages]


async def _count(core: Core, messages: Sequence[ChatMessage]) -> int:
    """Tokens of what was said; in a thread, because it may be a book."""
    return await asyncio.to_thread(lambda: sum(core.llm.count_tokens(message.content) for message in messages))


def _usage(prompt: int, completion: int) -> dict[str, int]:
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


class StopCut:
    """Ends a text before the first of some words. What may be their beginning is held back until it is known."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = stops
        self._held = ""
        self.found = False

    def add(self, piece: str) -> str:
        """What of the text so far can be shown now."""
        self._held += piece
        places = [place for stop in self._stops if (place := self._held.find(stop)) >= 0]
        if places:
            shown, self._held, self.found = self._held[: min(places)], "", True
            return shown
        kept = max((_begun(self._held, stop) for stop in self._stops), default=0)
        shown, self._held = self._held[: len(self._held) - kept], self._held[len(self._held) - kept :]
        return shown

    def rest(self) -> str:
        """What was held back for nothing."""
        rest, self._held = self._held, ""
        return rest


def _begun(text: str, stop: str) -> int:
    """How many characters at the end of a text may be the beginning of a stop."""
    return next((n for n in range(min(len(text), len(stop) - 1), 0, -1) if text.endswith(stop[:n])), 0)


async def _nobody_listens(_text: str) -> None:
    """The whole answer is returned."""
