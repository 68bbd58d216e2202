import re
from typing import Any
from uuid import uuid4

from core.app import Core
from core.models import Assistant
from tests.conftest import MakeAssistant

HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"}


async def test_a_public_assistant_has_a_page_in_the_visitors_language(api: Any, assistant: MakeAssistant) -> None:
    questions = {"en": ["Are you open on Sunday?"], "ru": ["Вы открыты в воскресенье?"]}
    rosa = await assistant(name="Rosa & <b>Co</b>", public_page=True, answer_policy={"sample_questions": questions})
    english = await (await api.get(f"/a/{rosa.id}", headers=HTML)).get_data(as_text=True)
    russian = await (await api.get(f"/a/{rosa.id}", headers=HTML | {"Accept-Language": "ru-RU"})).get_data(as_text=True)
    chosen = await api.get(f"/a/{rosa.id}?lang=ru", headers=HTML | {"Accept-Language": "en"})

    assert "Are you open on Sunday?" in english
    assert '<html lang="en">' in english
    assert "Rosa &amp; &lt;b&gt;Co&lt;/b&gt;" in english
    assert "<b>Co</b>" not in english
    assert "Вы открыты в воскресенье?" in russian
    assert '<html lang="ru">' in await chosen.get_data(as_text=True)
    assert "lang=ru" in chosen.headers["Set-Cookie"]


async def test_a_private_or_unknown_assistant_has_no_page(api: Any, assistant: MakeAssistant) -> None:
    private = await api.get(f"/a/{(await assistant()).id}", headers=HTML)
    unknown = await api.get(f"/a/{uuid4()}", headers=HTML)

    assert [private.status_code, unknown.status_code] == [404, 404]
    assert private.mimetype == "text/html"


async def test_the_front_page_tells_how_to_begin_and_then_shows_the_first_public_assistant(
    api: Any, assistant: MakeAssistant
) -> None:
    await Assistant.all().update(public_page=False)
    before = await (await api.get("/", headers=HTML)).get_data(as_text=True)
    rosa = await assistant(name="Front Rosa", public_page=True)
    after = await (await api.get("/", headers=HTML)).get_data(as_text=True)

    assert "ADMIN_BOT_TOKEN" in before
    assert f'data-assistant="{rosa.id}"' in after


async def test_pages_run_no_strangers_script_and_load_nothing_from_elsewhere(
    api: Any, assistant: MakeAssistant
) -> None:
    rosa = await assistant(public_page=True)
    page = await api.get(f"/a/{rosa.id}", headers=HTML)
    text = await page.get_data(as_text=True)

    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert not re.findall(r"<script(?![^>]*\bsrc=)|\bstyle=|\bon\w+=|https?://", text)
    for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', text):
        asset = await api.get(address)
        assert asset.status_code == 200, address
        assert "immutable" in asset.headers["Cache-Control"]
        assert "http" not in re.sub(r"http://www\.w3\.org|https\?:", "", await asset.get_data(as_text=True))


async def test_static_files_end_at_their_folder(api: Any) -> None:
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/nothing.css"):
        assert (await api.get(path)).status_code == 404


async def test_every_response_is_numbered_and_guarded(api: Any) -> None:
    ours = await api.get("/healthz", headers={"X-Request-ID": "deploy-42"})
    forged = await api.get("/api/v1/nothing", headers={"X-Request-ID": "a\tb" * 50})

    assert ours.headers["X-Request-ID"] == "deploy-42"
    assert re.fullmatch(r"[0-9a-f]{32}", forged.headers["X-Request-ID"])
    for answer in (ours, forged):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_health_readiness_and_counts_are_there(api: Any) -> None:
    assert (await api.get("/healthz")).status_code == 200
    ready = await api.get("/readyz")
    assert ready.status_code == 200
    assert await ready.get_json() == {"status": "ok", "database": True, "vectors": True, "model": True}
    metrics = await (await api.get("/metrics")).get_data(as_text=True)
    assert 'llmchatbot_requests_total{method="GET",route="/readyz",status="200"} 1' in metrics


async def test_the_contract_names_guards_and_problems(api: Any) -> None:
    contract = await (await api.get("/openapi.json")).get_json()
    upload = contract["paths"]["/api/v1/assistants/{assistant_id}/documents"]["post"]
    login = contract["paths"]["/api/v1/auth/login"]["post"]

    assert upload["security"] == [{"login": []}, {"key": []}]
    assert set(upload["requestBody"]["content"]) == {"application/json", "multipart/form-data"}
    assert upload["responses"]["default"]["content"].keys() == {"application/problem+json"}
    assert login["security"] == []


async def test_every_error_of_the_house_has_a_status_and_a_sentence(core: Core) -> None:
    from api.problems import OF_STATUS, STATUS
    from core.errors import ProductError

    def family(root: type[ProductError]) -> list[type[ProductError]]:
        return [root, *(found for child in root.__subclasses__() for found in family(child))]

    codes = {error.code for error in family(ProductError)}
    assert codes <= STATUS.keys()
    assert all(core.texts.knows(code) for code in (*STATUS, *OF_STATUS.values()))
