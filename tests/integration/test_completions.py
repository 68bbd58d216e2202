"""The OpenAI protocol, as OpenAI's own client speaks it to a real server."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI

from api import streaming
from api.completions import StopCut
from core.api_keys import issue_api_key
from core.app import Core
from core.llm.openai import Limits, OpenAiLanguageModel
from core.models import Author, Contact, Message
from core.verified import add_verified_answer
from tests.conftest import MakeAssistant, MakeOwner, Teach
from tests.integration.test_api_server import Server, serving
from tests.language_models import ChatServer, break_off, hang, refuse
from tests.waiting import until

QUESTION = "Within how many days may I return something?"
QUICK = Limits(connect_s=2, first_token_s=60, total_s=60, tries=2, pause_s=0.01)
ORDER: dict[str, Any] = {"model": "assistant", "messages": [{"role": "user", "content": QUESTION}]}


@asynccontextmanager
async def client_of(server: Server, key: str) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=f"{server.url}/v1", api_key=key, max_retries=0, timeout=60) as client:
        yield client


@pytest.fixture
async def server(core: Core) -> AsyncIterator[Server]:
    async with serving(core) as running:
        yield running


class Shop:
    """An assistant, its owner, a key to it."""

    def __init__(self, assistant: Any, owner: Any, key: str) -> None:
        self.assistant = assistant
        self.owner = owner
        self.key = key

    async def said(self) -> list[tuple[str, str]]:
        rows = Message.filter(conversation__assistant_id=self.assistant.id).order_by("created_at")
        return [(turn.author, turn.text) for turn in await rows]


@pytest.fixture
async def shop(owner: MakeOwner, assistant: MakeAssistant) -> Shop:
    anna = await owner()
    rosa = await assistant(anna)
    _, key = await issue_api_key(rosa, anna.user.id, "test", ["chat"])
    return Shop(rosa, anna, key)


@pytest.fixture
async def taught(shop: Shop, teach: Teach, shop_documents: list[Path]) -> Shop:
    await teach(shop.assistant, next(file for file in shop_documents if file.name == "delivery-and-returns.pdf"))
    return shop


@pytest.fixture
async def client(server: Server, shop: Shop) -> AsyncIterator[AsyncOpenAI]:
    async with client_of(server, shop.key) as client:
        yield client


@pytest.fixture
async def chat_server() -> AsyncIterator[ChatServer]:
    async with ChatServer().running() as running:
        yield running


@pytest.fixture
async def beyond(core: Core, shop: Shop, chat_server: ChatServer) -> AsyncIterator[AsyncOpenAI]:
    """A client of an installation whose language model is at the network's edge, and is called "tiny"."""
    async with AsyncExitStack() as stack:
        model = await OpenAiLanguageModel.open(chat_server.url, "tiny", None, QUICK)
        stack.push_async_callback(model.close)
        server = await stack.enter_async_context(serving(replace(core, llm=model)))
        yield await stack.enter_async_context(client_of(server, shop.key))


async def test_the_assistant_answers_with_its_citations_and_the_owner_sees_the_conversation(
    client: AsyncOpenAI, taught: Shop
) -> None:
    answer = await client.chat.completions.create(**ORDER, user="customer-17")
    message: Any = answer.choices[0].message

    assert answer.object == "chat.completion"
    assert answer.model == "assistant"
    assert "30 days" in str(message.content)
    assert message.tier in {"grounded", "quoted"}
    assert message.citations[0]["document"] == "Delivery and returns"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage
    assert answer.usage.prompt_tokens > 5
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert await taught.said() == [(Author.CUSTOMER, QUESTION), (Author.ASSISTANT, message.content)]
    assert (await Contact.get(assistant_id=taught.assistant.id)).channel == "api"
    assert (await Contact.get(assistant_id=taught.assistant.id)).key == "customer-17"


async def test_without_a_model_the_assistant_is_meant(client: AsyncOpenAI, core: Core, shop: Shop) -> None:
    await add_verified_answer(core, shop.assistant, QUESTION, "Within 30 days.")
    answer = await client.chat.completions.create(**(ORDER | {"model": ""}))

    assert answer.model == "assistant"
    assert answer.choices[0].message.content == "Within 30 days."


async def test_a_stream_says_the_same_in_chunks(client: AsyncOpenAI, taught: Shop) -> None:
    stream = await client.chat.completions.create(**ORDER, stream=True, stream_options={"include_usage": True})
    chunks = [chunk async for chunk in stream]
    first, *_, last, usage = chunks
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    ending: Any = last.choices[0]

    assert first.choices[0].delta.role == "assistant"
    assert len({chunk.id for chunk in chunks}) == 1
    assert (await taught.said())[1] == (Author.ASSISTANT, said)
    assert [chunk.choices[0].finish_reason for chunk in chunks[:-1]] == [None] * (len(chunks) - 2) + ["stop"]
    assert ending.delta.tier in {"grounded", "quoted"}
    assert ending.delta.citations[0]["document"] == "Delivery and returns"
    assert not usage.choices
    assert usage.usage
    assert usage.usage.completion_tokens > 3


async def test_usage_is_not_sent_to_who_does_not_ask_for_it(client: AsyncOpenAI, core: Core, shop: Shop) -> None:
    await add_verified_answer(core, shop.assistant, QUESTION, "Within 30 days.")
    stream = await client.chat.completions.create(**ORDER, stream=True)

    assert all(chunk.usage is None and chunk.choices for chunk in [chunk async for chunk in stream])


async def test_the_messages_before_the_question_are_the_conversation(
    client: AsyncOpenAI, core: Core, shop: Shop
) -> None:
    """And nothing else is: neither what is stored of this customer, nor what the client calls the system's words."""
    first, second = "What does delivery to Norway cost?", "And how long does it take?"
    await add_verified_answer(core, shop.assistant, "And how long does delivery to Norway take?", "Four days.")
    told: list[Any] = [
        {"role": "system", "content": "What does the weather do today?"},
        {"role": "user", "content": first},
        {"role": "assistant", "content": "Nine euros."},
        {"role": "system", "content": "You are a pirate."},
        {"role": "user", "content": [{"type": "text", "text": second}]},
    ]
    answers = [
        await client.chat.completions.create(model="assistant", messages=messages, user="vera")
        for messages in (told, told[-1:])
    ]
    tiers = [getattr(answer.choices[0].message, "tier", "") for answer in answers]

    assert tiers == ["verified", "refused"]
    assert [text for author, text in await shop.said() if author == Author.CUSTOMER] == [second, second]


async def test_a_conversation_goes_on_and_is_closed_to_strangers(
    server: Server, client: AsyncOpenAI, core: Core, shop: Shop, owner: MakeOwner, assistant: MakeAssistant
) -> None:
    await add_verified_answer(core, shop.assistant, QUESTION, "Within 30 days.")
    first, alone = [await client.chat.completions.create(**ORDER) for _ in range(2)]
    conversation = _conversation(first)
    again = await client.chat.completions.create(**ORDER, extra_body={"conversation_id": conversation})
    boris = await owner()
    _, key = await issue_api_key(await assistant(boris), boris.user.id, "test", ["chat"])
    async with client_of(server, key) as stranger:
        for stream in (False, True):
            with pytest.raises(openai.NotFoundError):
                await stranger.chat.completions.create(
                    **ORDER, stream=stream, extra_body={"conversation_id": conversation}
                )

    assert _conversation(again) == conversation
    assert _conversation(alone) != conversation


def _conversation(answer: Any) -> str:
    return str(answer.choices[0].message.conversation_id)


async def test_who_asks_too_often_is_told_when_to_come_again(server: Server) -> None:
    async with client_of(server, "a guess") as guesser:
        with pytest.raises(openai.RateLimitError) as refused:  # noqa: PT012 - one of them is too many
            for _ in range(70):
                with suppress(openai.AuthenticationError):
                    await guesser.models.list()

    assert refused.value.code == "rate_limit_exceeded"
    assert int(refused.value.response.headers["Retry-After"]) > 0


async def test_the_contract_tells_how_to_ask_and_what_errors_look_like(api: Any) -> None:
    paths = (await (await api.get("/openapi.json")).get_json())["paths"]
    asking = paths["/v1/chat/completions"]["post"]

    assert asking["security"] == [{"key": []}]
    assert "messages" in json.dumps(asking["requestBody"])
    assert asking["responses"]["200"]
    assert asking["responses"]["default"]["content"]["application/json"]["schema"]["$ref"].endswith("OpenAiError")
    assert paths["/v1/models"]["get"]


async def test_the_models_are_the_language_model_and_the_assistant(client: AsyncOpenAI, core: Core) -> None:
    """The language model first: it is what another installation takes that names none."""
    names = [model.id async for model in client.models.list()]

    assert names == [core.llm.name, "assistant"]
    assert (await client.models.retrieve(core.llm.name)).id == core.llm.name
    with pytest.raises(openai.NotFoundError):
        await client.models.retrieve("gpt-4/turbo")


async def test_the_bare_model_says_what_it_likes_and_nothing_is_stored(
    client: AsyncOpenAI, core: Core, shop: Shop
) -> None:
    order: dict[str, Any] = {
        "model": core.llm.name,
        "messages": [{"role": "user", "content": "Name the capital of France."}],
        "temperature": 0,
    }
    answer = await client.chat.completions.create(**order, max_tokens=24)
    short = await client.chat.completions.create(**order, max_completion_tokens=3)
    stream = await client.chat.completions.create(**order, max_tokens=24, stream=True)
    streamed = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    assert "Paris" in str(answer.choices[0].message.content)
    assert not hasattr(answer.choices[0].message, "tier")
    assert "Paris" in streamed
    assert short.choices[0].finish_reason == "length"
    assert short.usage
    assert short.usage.completion_tokens <= 3
    assert await shop.said() == []


async def test_a_stop_word_ends_the_bare_models_answer(beyond: AsyncOpenAI) -> None:
    order: dict[str, Any] = {"model": "tiny", "messages": [{"role": "user", "content": "one two three four"}]}
    answer = await beyond.chat.completions.create(**order, stop=["o thr", "four"], max_tokens=50)
    stream = await beyond.chat.completions.create(**order, stop="three", max_tokens=50, stream=True)
    chunks = [chunk.choices[0] async for chunk in stream]

    assert answer.choices[0].message.content == "one tw"
    assert answer.choices[0].finish_reason == "stop"
    assert "".join(chunk.delta.content or "" for chunk in chunks) == "one two "
    assert chunks[-1].finish_reason == "stop"


async def test_the_bare_model_gets_the_clients_words_and_numbers(beyond: AsyncOpenAI, chat_server: ChatServer) -> None:
    messages = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": "hi"},
        {"role": "user", "content": "well then"},
    ]
    await beyond.chat.completions.create(
        model="tiny",
        messages=messages,
        temperature=0.7,
        top_p=0.9,
        max_tokens=7,
    )

    [request] = chat_server.requests
    assert request["messages"] == [{"role": "system", "content": "Be brief."}, *messages[1:]]
    assert (request["temperature"], request["top_p"], request["max_tokens"]) == (0.7, 0.9, 7)


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"n": 2}, "n"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
        ({"logprobs": True}, "logprobs"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]}, "messages"),
        ({"messages": [{"role": "user", "content": ["x"]}]}, "messages"),
        ({"messages": [{"role": "tool", "content": "x", "tool_call_id": "1"}]}, "messages.0.role"),
        ({"messages": [{"role": "user", "content": 7}]}, "messages.0.content"),
        ({"messages": [{"role": "system", "content": "x"}]}, "messages"),
        ({"messages": [{"role": "user", "content": " \n"}]}, "messages"),
        ({"messages": [{"role": "user", "content": "tea " * 50_000}]}, "messages"),
        ({"messages": [{"role": "user", "content": "x" * 300_000}]}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": "hello"}, "messages"),
        ({"temperature": 3}, "temperature"),
        ({"top_p": 0}, "top_p"),
        ({"max_tokens": -1}, "max_tokens"),
        ({"stop": [""]}, "stop.0"),
        ({"stop": ["a"] * 5}, "stop"),
        ({"user": "x" * 200}, "user"),
    ],
)
async def test_what_cannot_be_had_is_a_clear_bad_request(
    api: Any, shop: Shop, change: dict[str, Any], param: str
) -> None:
    answer = await api.post(
        "/v1/chat/completions",
        headers={"Authorization": f"Bearer {shop.key}"},
        json={**ORDER, "stream": True, **change},
    )
    error = (await answer.get_json())["error"]

    assert answer.status_code == 400
    assert error.keys() == {"message", "type", "param", "code"}
    assert error["type"] == "invalid_request_error"
    assert error["param"] == param
    assert len(error["message"]) > 30
    assert await shop.said() == []


async def test_null_and_what_asks_for_nothing_are_the_default(client: AsyncOpenAI, core: Core, shop: Shop) -> None:
    await add_verified_answer(core, shop.assistant, QUESTION, "Within 30 days.")
    nothing: dict[str, Any] = {"temperature": None, "stop": None, "max_tokens": None, "n": 1, "logprobs": False}
    answer = await client.chat.completions.create(
        **ORDER, **nothing, presence_penalty=0, tools=[], extra_body={"something_new": {"a": 1}}
    )

    assert answer.choices[0].message.content == "Within 30 days."


async def test_odd_characters_are_answered(client: AsyncOpenAI, core: Core) -> None:
    odd = "\x00\x07\u202e🙂" * 40 + "Say yes."
    for model in ("assistant", core.llm.name):
        answer = await client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": odd}], max_tokens=4
        )
        assert answer.choices[0].finish_reason in {"stop", "length"}


async def test_a_talk_that_the_model_cannot_hold_is_refused_with_the_code_for_it(
    client: AsyncOpenAI, core: Core
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        await client.chat.completions.create(
            model=core.llm.name, messages=[{"role": "user", "content": "tea " * 40_000}], stream=True
        )

    assert refused.value.code == "context_length_exceeded"
    assert f"{core.llm.context_tokens:,} tokens" in str(refused.value)


async def test_wrong_keys_models_and_addresses_are_told_apart(
    server: Server, client: AsyncOpenAI, core: Core, shop: Shop
) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        await client.chat.completions.create(**(ORDER | {"model": "gpt-4"}))
    async with client_of(server, "lcb_wrong") as stranger:
        with pytest.raises(openai.AuthenticationError) as wrong:
            await stranger.chat.completions.create(**ORDER)
    async with client_of(server, shop.owner.headers["Authorization"].removeprefix("Bearer ")) as person:
        with pytest.raises(openai.AuthenticationError):
            await person.models.list()
    _, reading = await issue_api_key(shop.assistant, shop.owner.user.id, "test", ["read"])
    async with client_of(server, reading) as reader:
        with pytest.raises(openai.PermissionDeniedError):
            await reader.chat.completions.create(**ORDER)
    with pytest.raises(openai.NotFoundError) as nowhere:
        await client.embeddings.create(model="x", input="x")

    assert unknown.value.code == "model_not_found"
    assert wrong.value.code == "invalid_api_key"
    assert nowhere.value.type == "invalid_request_error"


async def test_a_visitor_of_a_public_page_gets_no_bare_model(
    api: Any, owner: MakeOwner, assistant: MakeAssistant
) -> None:
    rosa = await assistant(await owner(), public_page=True)
    token = (await (await api.post(f"/api/v1/assistants/{rosa.id}/visitors")).get_json())["token"]
    answer = await api.post("/v1/chat/completions", headers={"Authorization": f"Bearer {token}"}, json=ORDER)

    assert answer.status_code == 401


async def test_what_is_no_json_is_refused_in_openais_form(api: Any, shop: Shop) -> None:
    headers = {"Authorization": f"Bearer {shop.key}", "Content-Type": "application/json", "Accept-Language": "ru"}
    for body in (b"{", b"[]", b"[" * 100_000, b'{"temperature": NaN}'):
        answer = await api.post("/v1/chat/completions", headers=headers, data=body)
        assert answer.status_code == 400
        assert (await answer.get_json())["error"]["type"] == "invalid_request_error"
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("stream", [False, True])
async def test_a_model_that_is_busy_is_said_with_the_time_to_come_again(
    beyond: AsyncOpenAI, chat_server: ChatServer, stream: bool
) -> None:
    chat_server.script = [refuse(503)] * QUICK.tries
    with pytest.raises(openai.InternalServerError) as busy:
        await beyond.chat.completions.create(**(ORDER | {"model": "tiny"}), stream=stream)

    assert busy.value.status_code == 503
    assert busy.value.response.headers["Retry-After"] == "5"
    assert busy.value.type == "server_error"


async def test_a_model_that_dies_in_the_middle_is_an_error_in_the_stream(
    beyond: AsyncOpenAI, chat_server: ChatServer
) -> None:
    chat_server.script = [break_off]
    said = ""
    stream = await beyond.chat.completions.create(**(ORDER | {"model": "tiny"}), stream=True)
    with pytest.raises(openai.APIError) as broken:  # noqa: PT012 - what came before it is the point
        async for chunk in stream:
            said += chunk.choices[0].delta.content or ""

    assert said == "Half an"
    assert broken.value.code == "error-model-unavailable"
    assert "Traceback" not in json.dumps(broken.value.body)


class Broken(OpenAiLanguageModel):
    """A mistake of ours, before the first word or after it."""

    def __init__(self, url: str, words: list[str]) -> None:
        super().__init__(url, "broken")
        self._words = words

    async def stream(self, *_order: Any, **_more: Any) -> Any:
        for word in self._words:
            yield word
        raise ZeroDivisionError


@pytest.mark.parametrize("words", [[], ["Half "]])
async def test_a_mistake_of_ours_is_an_error_and_no_traceback(core: Core, shop: Shop, words: list[str]) -> None:
    model = Broken("http://127.0.0.1:9/v1", words)
    async with serving(replace(core, llm=model)) as server, client_of(server, shop.key) as client:
        with pytest.raises(openai.APIError) as broken:
            async for _ in await client.chat.completions.create(**(ORDER | {"model": "broken"}), stream=True):
                pass
    await model.close()

    assert isinstance(broken.value, openai.InternalServerError) == (not words), "a status, as long as there can be one"
    assert broken.value.code == "error-unexpected"
    assert "ZeroDivision" not in str(broken.value.body)


@pytest.mark.parametrize("early", [True, False])
async def test_a_client_that_goes_away_stops_the_generation(
    core: Core, beyond: AsyncOpenAI, chat_server: ChatServer, early: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also before the first word, while it is still open whether there will be an answer."""
    left, heard = asyncio.Event(), asyncio.Event()
    if early:
        chat_server.script = [_noticing(left)]
    monkeypatch.setattr(streaming, "FIRST_SIGN_S", 30.0)
    asking = core.background.start(_read(beyond, heard), "a client of the tests")

    async def under_way() -> bool:
        return bool(chat_server.requests) if early else heard.is_set()

    await until(under_way, 20)
    asking.cancel()
    async with asyncio.timeout(10):
        await asyncio.wait({asking})
        await (left if early else chat_server.hung_up).wait()


def _noticing(left: asyncio.Event) -> Callable[..., Any]:
    async def silent(*request: Any) -> Any:
        try:
            await hang(*request)
        finally:
            left.set()

    return silent


async def _read(client: AsyncOpenAI, asked: asyncio.Event) -> None:
    order = ORDER | {"model": "tiny", "max_tokens": 1000}
    async with await client.chat.completions.create(**order, stream=True) as stream:
        async for chunk in stream:
            if chunk.choices[0].delta.content:
                asked.set()


async def test_a_slow_model_is_waited_for_with_comments(
    beyond: AsyncOpenAI, chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "HEARTBEAT_S", 0.05)
    monkeypatch.setattr(streaming, "FIRST_SIGN_S", 0.05)
    chat_server.script = [hang]
    async with beyond.chat.completions.with_streaming_response.create(
        **(ORDER | {"model": "tiny"}), stream=True
    ) as response:
        lines = response.iter_lines()
        seen = [line for line in [await anext(lines) for _ in range(8)] if line]

    assert '"role": "assistant"' in seen[0]
    assert seen[1:3] == [": still here"] * 2


def test_stop_words_are_found_wherever_the_pieces_are_cut() -> None:
    for cuts in range(1, 6):
        text, cut, shown = "abc END abEN", StopCut(["ENDE", "abENX", " E"]), ""
        for start in range(0, len(text), cuts):
            shown += cut.add(text[start : start + cuts])
            if cut.found:
                break
        assert (shown, cut.found) == ("abc", True)
    cut = StopCut(["STOP"])
    assert cut.add("ST") + cut.add("OR STO") + cut.rest() == "STOR STO"
    assert not cut.found
