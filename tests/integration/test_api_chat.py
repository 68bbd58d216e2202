import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from core.api_keys import issue_api_key
from core.app import Core
from core.models import Assistant, Author, Message
from core.verified import add_verified_answer
from tests.conftest import MakeAssistant, MakeOwner, Teach

CHAT = "/api/v1/chat"
QUESTION = "Within how many days may I return something?"


@pytest.fixture
async def known(core: Core, owner: MakeOwner, assistant: MakeAssistant) -> Any:
    """An assistant whose owner has answered our question himself, so that no model is asked; and its owner."""
    anna = await owner()
    rosa = await assistant(anna, public_page=True)
    await add_verified_answer(core, rosa, QUESTION, "Within 30 days, unused and in its box.")
    return rosa, anna


@pytest.fixture
async def taught(owner: MakeOwner, assistant: MakeAssistant, teach: Teach, shop_documents: list[Path]) -> Any:
    """An assistant that has read about returns, and its owner."""
    anna = await owner()
    rosa = await assistant(anna)
    await teach(rosa, next(file for file in shop_documents if file.name == "delivery-and-returns.pdf"))
    return rosa, anna


async def key_headers(assistant: Assistant, of: Any, **more: str) -> dict[str, str]:
    _, key = await issue_api_key(assistant, of.user.id, "test", ["chat"])
    return {"Authorization": f"Bearer {key}", **more}


async def ask(api: Any, headers: dict[str, str], message: str = QUESTION, **more: Any) -> Any:
    return await api.post(CHAT, headers=headers, json={"message": message, **more})


def events_of(body: str) -> list[tuple[str, dict[str, Any]]]:
    blocks = [block.splitlines() for block in body.split("\n\n") if block and not block.startswith(":")]
    return [(lines[0].removeprefix("event: "), json.loads(lines[1].removeprefix("data: "))) for lines in blocks]


async def questions_asked(assistant: Assistant) -> int:
    return await Message.filter(conversation__assistant_id=assistant.id, author=Author.CUSTOMER).count()


async def test_an_answer_cites_the_document_it_stands_in(api: Any, taught: Any) -> None:
    rosa, anna = taught
    answer = await ask(api, await key_headers(rosa, anna))
    body = await answer.get_json()

    assert answer.status_code == 200
    assert body["tier"] in {"grounded", "quoted"}
    assert "30 days" in body["answer"]
    assert body["citations"][0]["document"] == "Delivery and returns"
    assert body["timings"]["total_s"] >= body["timings"]["ttft_s"]


async def test_a_stream_says_the_same_piece_by_piece(api: Any, taught: Any) -> None:
    rosa, anna = taught
    answer = await ask(api, await key_headers(rosa, anna, Accept="text/event-stream"))
    events = events_of(await answer.get_data(as_text=True))

    assert answer.content_type.startswith("text/event-stream")
    assert [name for name, _ in events if name != "token"] == ["citations", "done"]
    done = events[-1][1]
    assert "".join(data["text"] for name, data in events if name == "token") == done["answer"]
    assert events[-2][1]["citations"] == done["citations"]


async def test_a_conversation_goes_on_and_belongs_to_its_contact(api: Any, known: Any) -> None:
    rosa, anna = known
    headers = await key_headers(rosa, anna)
    first = await (await ask(api, headers, contact="c-1")).get_json()
    again = await (await ask(api, headers, contact={"id": "c-1", "name": "Vera"})).get_json()
    named = await ask(api, headers, conversation_id=first["conversation_id"])
    others = await ask(api, headers, contact="c-2", conversation_id=first["conversation_id"])
    guest = await (await ask(api, headers)).get_json()

    assert again["conversation_id"] == first["conversation_id"]
    assert (await named.get_json())["conversation_id"] == first["conversation_id"]
    assert others.status_code == 404
    assert guest["conversation_id"] != first["conversation_id"]


async def test_another_assistants_conversation_does_not_exist_not_even_in_a_stream(
    api: Any, known: Any, assistant: MakeAssistant
) -> None:
    rosa, anna = known
    first = await (await ask(api, await key_headers(rosa, anna))).get_json()
    other = await key_headers(await assistant(anna), anna, Accept="text/event-stream")
    answer = await ask(api, other, conversation_id=first["conversation_id"])

    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"


async def test_the_same_key_again_gets_the_stored_answer_and_asks_once(api: Any, known: Any) -> None:
    rosa, anna = known
    headers = await key_headers(rosa, anna)
    headers["Idempotency-Key"] = str(uuid4())
    first = await (await ask(api, headers)).get_json()
    again = await (await ask(api, headers)).get_json()
    streamed = await ask(api, headers | {"Accept": "text/event-stream"})
    changed = await ask(api, headers, "Something else?")

    assert again == first
    events = events_of(await streamed.get_data(as_text=True))
    assert [name for name, _ in events] == ["token", "citations", "done"]
    assert events[-1][1] == first
    assert await questions_asked(rosa) == 1
    assert changed.status_code == 409
    assert (await changed.get_json())["code"] == "error-key-reused"


async def test_two_at_once_with_one_key_make_one_message(api: Any, known: Any) -> None:
    rosa, anna = known
    headers = await key_headers(rosa, anna)
    headers["Idempotency-Key"] = "at once"
    bodies = [await answer.get_json() for answer in await asyncio.gather(*(ask(api, headers) for _ in range(4)))]

    assert all(body == bodies[0] for body in bodies)
    assert await questions_asked(rosa) == 1


async def test_a_key_of_another_program_is_another_key(api: Any, known: Any) -> None:
    rosa, anna = known
    answers = [
        await (await ask(api, await key_headers(rosa, anna, **{"Idempotency-Key": "1"}))).get_json() for _ in range(2)
    ]

    assert answers[0]["message_id"] != answers[1]["message_id"]


async def test_a_visitor_of_a_public_page_asks_and_rates_his_own_answers(api: Any, known: Any) -> None:
    rosa, anna = known

    async def visitor() -> dict[str, str]:
        welcome = await (await api.post(f"/api/v1/assistants/{rosa.id}/visitors")).get_json()
        return {"Authorization": f"Bearer {welcome['token']}"}

    vera, oleg = await visitor(), await visitor()
    answer = await (await ask(api, vera)).get_json()
    feedback = f"/api/v1/messages/{answer['message_id']}/feedback"

    assert (await api.post(feedback, headers=oleg, json={"score": -1})).status_code == 404
    assert (await api.post(feedback, headers=vera, json={"score": 1, "comment": "Thanks"})).status_code == 204
    assert (await Message.get(id=answer["message_id"])).feedback_score == 1
    assert (await api.post(feedback, headers=vera, json={"score": 5})).status_code == 422
    assert (await ask(api, oleg, conversation_id=answer["conversation_id"])).status_code == 404
    owner_view = await api.get(
        f"/api/v1/assistants/{rosa.id}/conversations/{answer['conversation_id']}/messages", headers=anna.headers
    )
    turns = (await owner_view.get_json())["messages"]
    assert [turn["author"] for turn in turns] == ["customer", "assistant"]


async def test_an_assistant_without_a_public_page_takes_no_visitors(
    api: Any, known: Any, assistant: MakeAssistant
) -> None:
    rosa, _ = known
    welcome = await (await api.post(f"/api/v1/assistants/{rosa.id}/visitors")).get_json()
    rosa.public_page = False
    await rosa.save()
    closed = await ask(api, {"Authorization": f"Bearer {welcome['token']}"})

    assert closed.status_code == 404
    assert (await api.post(f"/api/v1/assistants/{rosa.id}/visitors")).status_code == 404
    assert (await api.post(f"/api/v1/assistants/{(await assistant()).id}/visitors")).status_code == 404


async def test_an_owners_token_is_not_a_visitors_and_the_reverse(api: Any, known: Any) -> None:
    rosa, anna = known
    welcome = await (await api.post(f"/api/v1/assistants/{rosa.id}/visitors")).get_json()

    assert (await ask(api, anna.headers)).status_code == 401
    as_visitor = {"Authorization": f"Bearer {welcome['token']}"}
    assert (await api.get("/api/v1/assistants", headers=as_visitor)).status_code == 401


@pytest.mark.parametrize("body", [{}, {"message": "  "}, {"message": "x" * 4001}, {"message": "x", "contact": {}}, []])
async def test_a_question_that_is_none_is_refused(api: Any, known: Any, body: Any) -> None:
    rosa, anna = known
    answer = await api.post(CHAT, headers=await key_headers(rosa, anna), json=body)

    assert answer.status_code == 422
    assert await questions_asked(rosa) == 0
