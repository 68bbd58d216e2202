"""Sites over REST: a program sends an address, waits for its document, and asks about any page of the site."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.app import Core
from core.models import Site
from tests.conftest import MakeAssistant, MakeOwner
from tests.integration.conftest import running
from tests.integration.site_readings import reaching
from tests.waiting import until
from tests.web_site import WebSite, web_site


@pytest.fixture
async def web() -> AsyncIterator[WebSite]:
    async with web_site() as there:
        there.says("/", "The Copper Kettle is a small shop in the old town.", "/prices", "/missing")
        there.says("/prices", "A copper kettle of one litre costs 89 euros, with a wooden handle 95 euros.")
        yield there


@pytest.fixture
async def desk(core: Core, web: WebSite, owner: MakeOwner, assistant: MakeAssistant) -> AsyncIterator[Any]:
    """(client, address of an own assistant, headers of its owner), with a worker beside it."""
    from api.app import create_app
    from workers.role import run

    opened = reaching(core, web)
    anna = await owner()
    address = f"/api/v1/assistants/{(await assistant(anna)).id}"
    async with running(opened, run(opened)):
        yield create_app(opened, rate_limits=False).test_client(), address, anna.headers


async def test_a_program_sends_an_address_and_asks_about_any_page(desk: Any, web: WebSite) -> None:
    api, address, headers = desk
    sent = await api.post(f"{address}/documents", headers=headers, json={"url": web.url, "depth": 2})
    document = f"{address}/documents/{(await sent.get_json())['id']}"
    assert sent.status_code == 202

    async def settled() -> Any:
        body = await (await api.get(document, headers=headers)).get_json()
        return body if body["status"] in {"indexed", "failed"} else None

    assert (await until(settled, 40))["status"] == "indexed"
    search = {"query": "What does a copper kettle of one litre cost?", "limit": 3}
    found = (await (await api.post(f"{address}/search", headers=headers, json=search)).get_json())["passages"]
    assert "89 euros" in found[0]["text"]

    [site] = (await (await api.get(f"{address}/sites", headers=headers)).get_json())["sites"]
    assert (site["status"], site["pages_read"], site["max_depth"]) == ("done", 2, 2)
    assert site["document_id"] == document.rpartition("/")[2]
    one = f"{address}/sites/{site['id']}"
    report = await (await api.get(one, headers=headers | {"Accept-Language": "ru"})).get_json()
    assert report["not_read"] == [
        {"code": "page-gone", "reason": "такой страницы нет (404)", "count": 1, "url": f"{web.url}/missing"}
    ]
    pages = (await (await api.get(f"{one}/pages?offset=1&limit=1", headers=headers)).get_json())["pages"]
    assert [page["url"] for page in pages] == [f"{web.url}/prices"]

    assert (await api.delete(document, headers=headers)).status_code == 204
    gone = await (await api.post(f"{address}/search", headers=headers, json=search)).get_json()
    assert gone["passages"] == [], "the document stood for the whole site"
    assert (await api.get(one, headers=headers)).status_code == 404


async def test_a_site_is_changed_read_again_and_stopped(desk: Any, web: WebSite) -> None:
    api, address, headers = desk
    await api.post(f"{address}/documents", headers=headers, json={"url": web.url, "depth": 0})

    async def done() -> Any:
        [site] = (await (await api.get(f"{address}/sites", headers=headers)).get_json())["sites"]
        return site if site["status"] == "done" else None

    one = f"{address}/sites/{(await until(done))['id']}"
    changed = await api.patch(one, headers=headers, json={"every_hours": 168, "max_pages": 5})
    body = await changed.get_json()
    assert (body["every_hours"], body["max_pages"], bool(body["next_reading_at"])) == (168, 5, True)
    for wrong in ({"every_hours": 5}, {"max_pages": 0}, {"max_depth": -1}, {"url": "http://x.com"}):
        assert (await api.patch(one, headers=headers, json=wrong)).status_code == 422, wrong

    assert (await api.post(f"{one}/cancel", headers=headers)).status_code == 409
    assert (await api.post(f"{one}/read", headers=headers)).status_code == 202
    assert (await until(done))["pages_unchanged"] == 1
    assert (await api.delete(one, headers=headers)).status_code == 204
    assert (await (await api.get(f"{address}/documents", headers=headers)).get_json())["documents"] == []


@pytest.mark.parametrize(
    "url",
    ["http://localhost/", "http://10.0.0.1/", "http://0x7f000001/", "http://[::ffff:127.0.0.1]/", "ftp://example.com/",
     "http://example.com:22/", "https://user:password@example.com/", "file:///etc/passwd", "   "],
)  # fmt: skip
async def test_an_address_that_no_reading_will_open_is_refused_at_once(desk: Any, url: str) -> None:
    api, address, headers = desk
    refused = await api.post(f"{address}/documents", headers=headers, json={"url": url})
    body = await refused.get_json()

    assert (refused.status_code, body["code"]) == (422, "error-address-refused")
    assert "https://" in body["detail"]
    assert not await Site.filter(assistant_id=address.rpartition("/")[2]).exists()
