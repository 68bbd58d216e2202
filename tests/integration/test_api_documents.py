import io
from pathlib import Path
from typing import Any

import pytest
from quart.datastructures import FileStorage

from core.app import Core
from tests.conftest import MakeAssistant, MakeOwner
from tests.waiting import until

ASSISTANTS = "/api/v1/assistants"


def a_file(name: str, content: bytes) -> dict[str, FileStorage]:
    return {"file": FileStorage(io.BytesIO(content), filename=name)}


@pytest.fixture
async def desk(api: Any, owner: MakeOwner, assistant: MakeAssistant) -> Any:
    """(client, address of an own assistant, headers of its owner)."""
    anna = await owner()
    return api, f"{ASSISTANTS}/{(await assistant(anna)).id}", anna.headers


async def indexed(api: Any, address: str, headers: dict[str, str]) -> dict[str, Any]:
    async def settled() -> dict[str, Any] | None:
        document = await (await api.get(address, headers=headers)).get_json()
        return document if document["status"] in {"indexed", "failed"} else None

    return dict(await until(settled) or {})


@pytest.mark.usefixtures("worker")
async def test_a_sent_pdf_is_read_found_and_after_deletion_no_longer_known(
    desk: Any, shop_documents: list[Path]
) -> None:
    api, address, headers = desk
    pdf = next(file for file in shop_documents if file.name == "delivery-and-returns.pdf")
    sent = await api.post(f"{address}/documents", headers=headers, files=a_file(pdf.name, pdf.read_bytes()))
    document = f"{address}/documents/{(await sent.get_json())['id']}"

    assert sent.status_code == 202
    assert (await indexed(api, document, headers))["status"] == "indexed"
    passages = (await (await api.get(f"{document}/passages", headers=headers)).get_json())["passages"]
    assert any("30 days" in passage["text"] for passage in passages)

    search = {"query": "Within how many days may I return an unused item?", "limit": 3}
    found = (await (await api.post(f"{address}/search", headers=headers, json=search)).get_json())["passages"]
    assert "30 days" in found[0]["text"]
    assert found[0]["document_id"] == document.rpartition("/")[2]

    assert (await api.delete(document, headers=headers)).status_code == 204
    assert (await api.get(document, headers=headers)).status_code == 404
    gone = await api.post(f"{address}/search", headers=headers, json=search)
    assert (await gone.get_json())["passages"] == []


@pytest.mark.usefixtures("worker")
async def test_a_pasted_text_becomes_a_document(desk: Any) -> None:
    api, address, headers = desk
    text = "Parking is free for two hours behind the shop."
    sent = await api.post(f"{address}/documents", headers=headers, json={"title": "Парковка", "text": text})
    document = await indexed(api, f"{address}/documents/{(await sent.get_json())['id']}", headers)

    assert (document["title"], document["kind"], document["status"]) == ("Парковка", "text", "indexed")
    listed = await (await api.get(f"{address}/documents", headers=headers)).get_json()
    assert [row["id"] for row in listed["documents"]] == [document["id"]]


async def test_the_same_content_twice_is_one_document(desk: Any) -> None:
    api, address, headers = desk
    ids = [
        (await (await api.post(f"{address}/documents", headers=headers, files=a_file(name, b"same text"))).get_json())[
            "id"
        ]
        for name in ("a.txt", "b.txt")
    ]

    assert ids[0] == ids[1]


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("empty.pdf", b"", 422, "error-document-empty"),
        ("prices.pdf", b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 20, 415, "error-document-type-unknown"),
        ("big.txt", b"word " * 450_000, 413, "error-document-too-large"),
        ("huge.txt", b"word " * 800_000, 413, "error-document-too-large"),
    ],
)
async def test_what_cannot_be_used_is_refused_with_a_clear_sentence(
    desk: Any, core: Core, name: str, content: bytes, status: int, code: str
) -> None:
    api, address, headers = desk
    answer = await api.post(
        f"{address}/documents", headers=headers | {"Accept-Language": "ru"}, files=a_file(name, content)
    )
    problem = await answer.get_json()

    assert (answer.status_code, problem["code"], problem["status"]) == (status, code, status)
    assert any("а" <= letter <= "я" for letter in problem["detail"])
    assert await (await api.get(f"{address}/documents", headers=headers)).get_json() == {"documents": []}
    assert list((core.settings.uploads_folder / "arriving").glob("*")) == []


async def test_a_form_without_a_file_and_a_strange_body_are_refused_and_leave_nothing(desk: Any, core: Core) -> None:
    api, address, headers = desk
    form = await api.post(f"{address}/documents", headers=headers, form={"title": "x"})
    parts = await api.post(f"{address}/documents", headers=headers, files={"other": FileStorage(io.BytesIO(b"x"), "x")})
    cut = await api.post(
        f"{address}/documents",
        headers=headers | {"Content-Type": "multipart/form-data; boundary=b"},
        data=b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhalf',
    )
    wrong = await api.post(f"{address}/documents", headers=headers, json={"title": "x", "url": "http://x"})

    assert [answer.status_code for answer in (form, parts, cut, wrong)] == [415, 422, 422, 422]
    assert (await parts.get_json())["field"] == "file"
    assert list((core.settings.uploads_folder / "arriving").glob("*")) == []


async def test_a_text_beyond_all_bounds_is_refused(desk: Any) -> None:
    api, address, headers = desk
    answer = await api.post(f"{address}/documents", headers=headers, json={"title": "t", "text": "x" * 4_000_000})
    assert (answer.status_code, (await answer.get_json())["code"]) == (413, "error-body-too-large")


@pytest.mark.usefixtures("worker")
async def test_a_file_that_cannot_be_read_says_why_in_the_owners_language(desk: Any) -> None:
    api, address, headers = desk
    broken = b"%PDF-1.7\nthis is not a PDF\n%%EOF\n"
    sent = await api.post(f"{address}/documents", headers=headers, files=a_file("price.pdf", broken))
    place = f"{address}/documents/{(await sent.get_json())['id']}"

    document = await indexed(api, place, headers | {"Accept-Language": "ru"})
    assert document["status"] == "failed"
    assert "поврежд" in document["error"].lower()


async def test_a_key_reads_and_writes_only_what_its_scopes_say(
    desk: Any, owner: MakeOwner, assistant: MakeAssistant
) -> None:
    api, address, headers = desk
    other = f"{ASSISTANTS}/{(await assistant()).id}"

    async def key(*scopes: str) -> dict[str, str]:
        made = await api.post(f"{address}/api-keys", headers=headers, json={"name": "k", "scopes": scopes})
        return {"Authorization": f"Bearer {(await made.get_json())['key']}"}

    reader, writer, talker = await key("read"), await key("write"), await key("chat")
    text = {"title": "t", "text": "Some text."}
    assert (await api.get(f"{address}/documents", headers=reader)).status_code == 200
    assert (await api.get(f"{other}/documents", headers=reader)).status_code == 404
    assert (await api.post(f"{address}/documents", headers=reader, json=text)).status_code == 403
    assert (await api.post(f"{address}/documents", headers=writer, json=text)).status_code == 202
    assert (await api.get(f"{address}/documents", headers=talker)).status_code == 403
    assert (await api.post("/api/v1/chat", headers=reader, json={"message": "hi"})).status_code == 403


async def test_a_reading_is_stopped_and_what_is_not_being_read_cannot_be(desk: Any) -> None:
    api, address, headers = desk
    sent = await api.post(f"{address}/documents", headers=headers, files=a_file("a.txt", b"Parking is free."))
    document = f"{address}/documents/{(await sent.get_json())['id']}"

    stopped = await api.post(f"{document}/cancel", headers=headers)
    assert (stopped.status_code, (await stopped.get_json())["status"]) == (200, "cancelled")
    again = await api.post(f"{document}/cancel", headers=headers)
    assert (again.status_code, (await again.get_json())["code"]) == (409, "error-conflict")


async def test_a_file_of_a_known_name_is_its_documents_next_version(desk: Any) -> None:
    api, address, headers = desk
    for content in (b"A night costs 17 euros.", b"A night costs 23 euros."):
        sent = await api.post(f"{address}/documents", headers=headers, files=a_file("prices.txt", content))
    listed = await (await api.get(f"{address}/documents", headers=headers)).get_json()

    assert [row["id"] for row in listed["documents"]] == [(await sent.get_json())["id"]]


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("count", [1, 3])
async def test_questions_with_answers_stay_together_and_are_found_by_the_question(desk: Any, count: int) -> None:
    api, address, headers = desk
    pairs = [
        {"question": "Can I bring my dog?", "answer": 'Yes, "small" ones; up to 10 kg.\nCats stay at home.'},
        {"question": "Is there a lift?", "answer": "No, but we carry luggage up."},
        {"question": "Do you speak Irish?", "answer": "Only on Sundays."},
    ]
    sent = await api.post(f"{address}/documents", headers=headers, json={"title": "Guests", "pairs": pairs[:count]})
    document = await indexed(api, f"{address}/documents/{(await sent.get_json())['id']}", headers)
    rows = (await (await api.get(f"{address}/documents/{document['id']}/passages", headers=headers)).get_json())[
        "passages"
    ]

    assert (document["status"], document["kind"], len(rows)) == ("indexed", "pairs", count)
    assert all(word in rows[0]["text"] for word in ("Can I bring my dog?", "up to 10 kg", "Cats stay at home"))
    found = await api.post(f"{address}/search", headers=headers, json={"query": "May my dog come along?"})
    assert "10 kg" in (await found.get_json())["passages"][0]["text"]
