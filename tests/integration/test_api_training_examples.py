"""What is learnt, over REST: looked at, struck out, added from a file, forgotten."""

import json
from io import BytesIO
from typing import Any
from uuid import UUID

from PIL import Image
from werkzeug.datastructures import FileStorage

from core.app import Core
from core.models import LoraAdapter
from core.verified import add_verified_answer
from tests.conftest import MakeAssistant, MakeOwner


def _file(content: str, name: str) -> dict[str, FileStorage]:
    return {"file": FileStorage(BytesIO(content.encode()), filename=name)}


async def test_examples_are_listed_struck_out_and_taken_back(
    api: Any, core: Core, owner: MakeOwner, assistant: MakeAssistant
) -> None:
    anna = await owner()
    rosa = await assistant(anna)
    for thing in ("kettles", "cups", "spoons"):
        await add_verified_answer(core, rosa, f"Do you mend {thing}?", f"We mend {thing} gladly, dear guest.")
    address = f"/api/v1/assistants/{rosa.id}/training-examples"

    async def listed(query: str = "?source=verified") -> dict[str, Any]:
        answer = await api.get(f"{address}{query}", headers=anna.headers)
        assert answer.status_code == 200
        return dict(await answer.get_json())

    seen = await listed()
    assert (seen["found"], seen["needed"], seen["counts"]["verified"]) == (3, 20, 3)
    assert [one["question"] for one in seen["examples"]] == [
        f"Do you mend {one}?" for one in ("kettles", "cups", "spoons")
    ]
    assert len((await listed("?source=verified&limit=1&offset=2"))["examples"]) == 1
    key = seen["examples"][0]["id"]
    struck = await api.post(f"{address}/{key}/strike", headers=anna.headers)
    assert (struck.status_code, (await struck.get_json())["struck"]) == (200, True)
    after = await listed()
    assert (after["found"], after["left_out"]) == (2, {"struck": 1})
    assert [one["struck"] for one in after["examples"]] == [True, False, False]
    assert (await api.delete(f"{address}/{key}/strike", headers=anna.headers)).status_code == 200
    assert (await listed())["found"] == 3
    assert (await api.post(f"{address}/{UUID(int=0)}/strike", headers=anna.headers)).status_code == 404
    assert (await api.get(f"{address}?source=dreams", headers=anna.headers)).status_code == 422


async def test_a_chat_asks_who_the_owner_is_and_a_table_does_not(
    api: Any, owner: MakeOwner, assistant: MakeAssistant
) -> None:
    anna = await owner()
    address = f"/api/v1/assistants/{(await assistant(anna)).id}/training-pairs"
    talk = [("Ann", "Is my kettle ready?"), ("Olga", "It is, dear guest."), ("Ann", "Thank you.")]
    said = [
        {"id": at, "type": "message", "date_unixtime": str(1_700_000_000 + 60 * at), "from": who, "text": text}
        for at, (who, text) in enumerate(talk)
    ]
    chat = json.dumps({"type": "personal_chat", "messages": said})
    asked = await (await api.post(address, headers=anna.headers, files=_file(chat, "result.json"))).get_json()
    assert asked["added"] == 0
    assert asked["speakers"][0] == {"id": "Ann", "name": "Ann", "messages": 2}
    form = {"speaker": "Olga"}
    taken = await api.post(address, headers=anna.headers, files=_file(chat, "result.json"), form=form)
    assert await taken.get_json() == {"added": 1, "left_out": {}, "speakers": []}
    table = await api.post(
        address, headers=anna.headers, files=_file("Open?;We are.\nClosed?;No, we are not.\n", "a.csv")
    )
    assert (await table.get_json())["added"] == 2
    refused = await api.post(address, headers=anna.headers | {"Accept-Language": "ru"}, files=_file("Hello.", "a.txt"))
    problem = await refused.get_json()
    assert (refused.status_code, problem["code"]) == (422, "error-examples-unreadable")
    assert problem["detail"] == "Это не переписка и не таблица вопросов и ответов."
    assert (await api.post(address, headers=anna.headers)).status_code == 422
    assert await (await api.delete(address, headers=anna.headers)).get_json() == {"removed": 3}


async def test_a_training_is_a_picture_once_it_was_judged(
    api: Any, core: Core, owner: MakeOwner, assistant: MakeAssistant
) -> None:
    anna = await owner()
    rosa = await assistant(anna)
    figures = {"similarity": {"now": 0.8, "new": 0.9}, "supported": {"now": 0.5, "new": 1.0}}
    log = [
        {"event": "start"},
        *({"event": "step", "step": at, "loss": 3 / at} for at in range(1, 9)),
        {"event": "done"},
    ]
    judged = await LoraAdapter.create(assistant=rosa, metrics={"report": {"figures": figures}}, training_logs=log)
    bare = await LoraAdapter.create(assistant=rosa)
    address = f"/api/v1/assistants/{rosa.id}/adapters"
    for locale in ("en", "ru"):
        answer = await api.get(f"{address}/{judged.id}/chart", headers=anna.headers | {"Accept-Language": locale})
        assert (answer.status_code, answer.mimetype) == (200, "image/png")
        picture = Image.open(BytesIO(await answer.get_data()))
        assert picture.size == (1200, 630)
        assert len(picture.convert("RGB").getcolors(1_000_000)) > 20, "something is drawn"
    assert (await api.get(f"{address}/{bare.id}/chart", headers=anna.headers)).status_code == 404
