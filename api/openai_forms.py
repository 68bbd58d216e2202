"""OpenAI's chat completions as forms: what may be asked, and an answer as one object or as a stream of chunks.

Refuses to know who answers.
"""

import json
import time
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from api.chat import CitationView, ContactKey
from api.openai_errors import openai_error
from api.streaming import Answer, Explain
from core.errors import Invalid, ProductError

ASSISTANT = "assistant"
"""The name of the model that is no model: the whole assistant."""
LONGEST_TALK = 200_000
"""Characters of all messages together."""
NOT_OFFERED: dict[str, tuple[Any, ...]] = {
    "n": (1,),
    "tools": ([],),
    "tool_choice": ("none", "auto"),
    "functions": ([],),
    "function_call": ("none", "auto"),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "logit_bias": ({},),
    "presence_penalty": (0,),
    "frequency_penalty": (0,),
    "response_format": ({"type": "text"},),
    "modalities": (["text"],),
    "audio": (),
    "prediction": (),
    "web_search_options": (),
}
"""What we do not have -> the values that do not ask for it."""


class TextPart(BaseModel):
    type: Literal["text"]
    text: str


def _as_text(content: Any) -> Any:
    """A content of parts, put together. Raises `Invalid` when a part is no text."""
    if not isinstance(content, list):
        return "" if content is None else content
    try:
        return "\n".join([TextPart.model_validate(part).text for part in content])
    except ValidationError:
        raise Invalid(field="messages", reason="invalid-text-alone") from None


def _as_list(stop: Any) -> Any:
    return [stop] if isinstance(stop, str) else stop


class ChatMessage(BaseModel):
    role: Literal["system", "developer", "user", "assistant"]
    content: Annotated[str, BeforeValidator(_as_text, json_schema_input_type=str | list[TextPart] | None)] = ""


class StreamOptions(BaseModel):
    include_usage: bool = False


class ChatOrder(BaseModel):
    """`model` is "assistant" or a name from `/v1/models`; the fields from `temperature` to `stop` are the bare model's
    alone. `user` is your own id of the customer, `conversation_id` that of an earlier answer."""

    model_config = ConfigDict(extra="allow")
    model: str = ASSISTANT
    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=1000)]
    stream: bool = False
    stream_options: StreamOptions = StreamOptions()
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.0
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    stop: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=200)]],
        BeforeValidator(_as_list, json_schema_input_type=str | list[str]),
        Field(max_length=4),
    ] = []
    user: ContactKey | None = None
    conversation_id: UUID | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        """null is the default, as at OpenAI."""
        return {name: value for name, value in data.items() if value is not None} if isinstance(data, dict) else data

    def check(self) -> None:
        """Raises `Invalid` for what is asked for and cannot be had, and for far too much text."""
        for name, value in (self.model_extra or {}).items():
            if name in NOT_OFFERED and value not in NOT_OFFERED[name]:
                raise Invalid(field=name, reason="invalid-not-offered")
        if sum(len(message.content) for message in self.messages) > LONGEST_TALK:
            raise Invalid(field="messages", reason="invalid-too-long", most=LONGEST_TALK)


class AnswerMessage(BaseModel):
    """From `tier` on: of an assistant alone, and no part of OpenAI's protocol."""

    role: Literal["assistant"]
    content: str
    tier: str = ""
    citations: list[CitationView] = []
    conversation_id: UUID | None = None
    message_id: UUID | None = None


class Choice(BaseModel):
    """`finish_reason`: stop, or length where `max_tokens` cut the answer off."""

    index: int
    message: AnswerMessage
    finish_reason: str


class Usage(BaseModel):
    """Tokens by the language model's own count of the texts; of some servers' models an upper estimate."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatCompletion(BaseModel):
    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[Choice]
    usage: Usage


class ModelView(BaseModel):
    """`max_model_len`: tokens of prompt and answer together, under the name that vLLM gives them."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str = "llmchatbot"
    max_model_len: int | None = None


class Models(BaseModel):
    object: Literal["list"] = "list"
    data: list[ModelView]


_BESIDE = ("tier", "citations", "conversation_id", "message_id")


class CompletionForm:
    """One answer, whole or (see api/streaming.py) in chunks. An `Answer` has `answer`, `finish_reason`, `usage`, and an
    assistant's also what `_BESIDE` names."""

    def __init__(self, order: ChatOrder, explain: Explain) -> None:
        self._head = {"id": f"chatcmpl-{uuid4().hex}", "created": int(time.time()), "model": order.model or ASSISTANT}
        self._usage = order.stream_options.include_usage
        self._explain = explain

    def whole(self, answer: Answer) -> Answer:
        """The object `chat.completion`."""
        message = {"role": "assistant", "content": answer["answer"], **_beside(answer)}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": answer["finish_reason"]}
        return {**self._head, "object": "chat.completion", "choices": [choice], "usage": answer["usage"]}

    def opening(self) -> bytes:
        return self._chunk({"role": "assistant", "content": ""})

    def piece(self, text: str) -> bytes:
        return self._chunk({"content": text})

    def ending(self, answer: Answer) -> bytes:
        last = self._chunk(_beside(answer), answer["finish_reason"])
        usage = _data({**self._head, "object": "chat.completion.chunk", "choices": [], "usage": answer["usage"]})
        return last + (usage if self._usage else b"") + b"data: [DONE]\n\n"

    def failure(self, error: ProductError) -> bytes:
        return _data(openai_error(self._explain(error)))

    def _chunk(self, delta: Answer, finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        usage = {"usage": None} if self._usage else {}
        return _data({**self._head, "object": "chat.completion.chunk", "choices": [choice], **usage})


def _beside(answer: Answer) -> Answer:
    return {name: answer[name] for name in _BESIDE if name in answer}


def _data(value: Any) -> bytes:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n".encode()  # one line: JSON has no bare line breaks
