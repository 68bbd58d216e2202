"""What browsers cut in two, and what strangers make on purpose: never a 500, and customers are answered."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from quart import Quart

from api.app import create_app
from core.api_keys import issue_api_key
from core.app import Core
from core.models import Conversation, Document, Message, Site
from tests.conftest import MakeAssistant, MakeOwner

UNFIT = ["\ud83d", "\ude00", "a\x00b"]
DEEP = b"[" * 200_000


@pytest.fixture
def app(core: Core) -> Quart:
    return create_app(core, rate_limits=False)


@dataclass(frozen=True, slots=True)
class Shop:
    """An assistant at `address`, a `key` to it, and the `headers` of its owner."""

    app: Quart
    address: str
    key: str
    headers: dict[str, str]

    async def send(self, path: str, body: Any, key: str = "", method: str = "POST") -> Any:
        """JSON with whatever escapes; as its owner where no key is given."""
        headers = {"Authorization": f"Bearer {key}"} if key else self.headers
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        client: Any = self.app.test_client()
        return await client.open(
            f"/api/v1{path}", method=method, headers=headers | {"Content-Type": "application/json"}, data=data
        )


@pytest.fixture
async def shop(app: Quart, owner: MakeOwner, assistant: MakeAssistant) -> Shop:
    anna = await owner()
    rosa = await assistant(anna)
    _, key = await issue_api_key(rosa, anna.user.id, "k", ["chat"])
    return Shop(app, f"/assistants/{rosa.id}", key, anna.headers)


@pytest.mark.parametrize("unfit", UNFIT)
async def test_a_question_with_half_an_emoji_is_answered(shop: Shop, unfit: str) -> None:
    body = {"message": f"When do you open? {unfit}", "contact": {"id": f"7{unfit}", "name": unfit}}
    answer = await shop.send("/chat", body, shop.key)

    assert answer.status_code == 200
    conversation = await Conversation.get(id=(await answer.get_json())["conversation_id"]).select_related("contact")
    assert conversation.contact.key.startswith("7")
    asked = await Message.filter(conversation_id=conversation.id).order_by("created_at").first()
    assert asked
    assert "\ufffd" in asked.text

    rated = await shop.send(
        f"/messages/{(await answer.get_json())['message_id']}/feedback", {"score": 1, "comment": unfit}, shop.key
    )
    assert rated.status_code == 204


@pytest.mark.parametrize("unfit", UNFIT)
async def test_what_an_owner_writes_is_stored_without_what_cannot_be(shop: Shop, unfit: str) -> None:
    address = shop.address
    sent: list[tuple[str, str, Any, int]] = [
        ("POST", "/assistants", {"name": f"Rosa {unfit}", "persona": unfit}, 201),
        ("PATCH", address, {"greeting": unfit, "answer_policy": {"contact": unfit}}, 200),
        ("PATCH", address, {f"no such field {unfit}": 1}, 422),
        ("POST", f"{address}/documents", {"title": f"Rooms {unfit}", "text": f"We open at nine. {unfit}"}, 202),
        ("POST", f"{address}/documents", {"title": "x", "pairs": [{"question": unfit, "answer": unfit}]}, 202),
        ("POST", f"{address}/documents", {"url": f"https://example.com/{unfit}"}, 422),
        ("POST", f"{address}/verified-answers", {"question": f"When? {unfit}", "answer": f"At nine. {unfit}"}, 201),
        ("POST", f"{address}/search", {"query": unfit}, 200),
        ("POST", f"{address}/api-keys", {"name": unfit}, 201),
        ("POST", f"{address}/channels", {"kind": "telegram", "token": unfit}, 422),
        ("POST", "/auth/login", {"email": f"a{unfit}@example.com", "password": f"secret {unfit}"}, 401),
        ("POST", "/auth/refresh", {"refresh_token": unfit}, 401),
    ]
    for method, path, body, status in sent:
        answer = await shop.send(path, body, method=method)
        text = (await answer.get_data()).decode()
        assert answer.status_code == status or (path.endswith("documents") and "url" in body), f"{path}: {text}"
        assert answer.status_code < 500, f"{path}: {text}"


@pytest.mark.parametrize(
    "name", ['filename="a\x00b.txt"', "filename*=UTF-8''a%00b.txt", "filename*=UTF-8''a%ED%A0%BDb.txt"]
)
async def test_a_file_comes_in_whatever_its_name_is(shop: Shop, name: str) -> None:
    text = f"We open at ten. {name!r}"
    body = f'--b\r\nContent-Disposition: form-data; name="file"; {name}\r\n\r\n{text}\r\n--b--\r\n'
    headers = shop.headers | {"Content-Type": "multipart/form-data; boundary=b"}
    sent = await shop.app.test_client().post(f"/api/v1{shop.address}/documents", headers=headers, data=body.encode())

    assert sent.status_code == 202
    filename = (await Document.get(id=(await sent.get_json())["id"])).filename
    assert "\x00" not in filename
    assert filename.encode().endswith(b"b.txt")


@pytest.mark.parametrize(
    "body",
    [
        DEEP,
        b'{"email":' * 100_000,
        b'{"email": ' + b"[" * 40 + b"]" * 40 + b"}",
        b'{"email": "\xff"}',
        b"\xed\xa0\xbd",
        b'{"email": NaN}',
        b"9" * 5_000,
        b"",
    ],
)
async def test_a_body_made_to_hurt_is_refused_like_any_damaged_one(shop: Shop, body: bytes) -> None:
    for path, token in (
        ("/auth/login", ""),
        ("/chat", shop.key),
        (f"{shop.address}/documents", ""),
        (f"{shop.address}/adapters", ""),
    ):
        if body or "adapters" not in path:  # a training needs no settings
            answer = await shop.send(path, body, token)
            assert answer.status_code == 400, path
            assert (await answer.get_json())["code"] == "error-bad-request"


async def test_an_e_mail_longer_than_its_column_is_refused(shop: Shop) -> None:
    """Lower-cased, this one has 18 letters more than were sent."""
    long = await shop.send("/auth/register", {"email": "\u0130" * 242 + "@example.com", "password": "good enough"})
    name = await shop.send("/auth/register", {"email": "a" * 200 + "@example.com", "password": "good enough"})

    assert (long.status_code, name.status_code) == (422, 201)


@pytest.mark.parametrize(
    "path", ["/static/%00", "/static/a%00.css", "/%00", "/%ff%fe", "/?lang=%00", "/static/%ed%a0%bd"]
)
async def test_an_address_with_odd_bytes_is_no_accident(app: Quart, path: str) -> None:
    assert (await app.test_client().get(path)).status_code in {200, 404}


@pytest.mark.parametrize("of", ["conversations", "quarantine", "sites/{site}/pages"])
async def test_a_part_of_a_list_that_lies_beyond_all_bounds_is_refused(
    app: Quart, owner: MakeOwner, assistant: MakeAssistant, of: str
) -> None:
    anna = await owner()
    rosa = await assistant(anna)
    site = await Site.create(assistant=rosa, url="https://example.com/", url_hash="x")
    address = f"/api/v1/assistants/{rosa.id}/{of.format(site=site.id)}"
    client = app.test_client()

    assert (await client.get(f"{address}?offset=1000000", headers=anna.headers)).status_code == 200
    for beyond in ("offset=1" + "0" * 30, "offset=-1", "limit=0", "limit=201", "limit=1" + "0" * 30):
        assert (await client.get(f"{address}?{beyond}", headers=anna.headers)).status_code == 422


async def test_methods_that_strangers_invent_are_counted_as_one(app: Quart) -> None:
    client: Any = app.test_client()
    for n in range(20):
        await client.open("/", method=f"X{n}")
    counted = (await (await client.get("/metrics")).get_data()).decode()

    assert 'method="other"' in counted
    assert "X1" not in counted


async def test_who_asks_for_nothing_that_exists_is_slowed_down(core: Core) -> None:
    client: Any = create_app(core).test_client()
    answers = [await client.open("/", method=f"X{n}") if n % 2 else await client.get(f"/no/{n}") for n in range(130)]

    assert {answer.status_code for answer in answers[:100]} == {404, 405}
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert (await client.get("/healthz")).status_code == 200
