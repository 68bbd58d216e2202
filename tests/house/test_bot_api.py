"""Every call that the product makes to Telegram keeps to the Bot API: the table is true, and the check goes red."""

import json
from typing import Any

import aiohttp
import pytest

from tests.bot_api.derive import TABLE, derive, methods_used
from tests.bot_api.rules import violations_of
from tests.telegram_server import telegram_server

BUTTON = {"text": "Menu", "callback_data": "p:menu::0"}
ALBUM = [{"type": "photo", "media": f"attach://{name}"} for name in ("a", "b")]
FILES = {"a": {"data": b"1"}, "b": {"data": b"2"}}


def _inline(*buttons: dict[str, Any]) -> str:
    return json.dumps({"inline_keyboard": [[one] for one in buttons]})


def _message(**fields: Any) -> dict[str, Any]:
    return {"chat_id": "5", "text": "Hello"} | fields


def _below(**button: Any) -> dict[str, Any]:
    return _message(reply_markup=json.dumps({"keyboard": [[{"text": "Make it", **button}]]}))


def test_the_table_is_what_aiogram_says_today() -> None:
    assert json.loads(TABLE.read_text(encoding="utf-8")) == derive(), "run python -m tests.bot_api.derive"


def test_the_methods_of_the_product_are_found() -> None:
    assert {"sendMessage", "sendMediaGroup", "getUpdates", "getManagedBotToken", "getFile", "getMe"} <= methods_used()
    assert "sendPoll" not in methods_used()


@pytest.mark.parametrize(
    ("method", "fields", "uploads"),
    [
        ("sendMessage", _message(), {}),
        ("sendMessage", _message(text="x" * 4096, reply_markup=_inline(BUTTON)), {}),
        ("sendMessage", _message(reply_markup=json.dumps({"remove_keyboard": True})), {}),
        ("sendMessage", _below(request_managed_bot={"request_id": 1, "suggested_name": "Rosa"}), {}),
        ("sendMessage", _message(entities=json.dumps([{"type": "bold", "offset": 0, "length": 5}])), {}),
        ("sendMessage", _message(link_preview_options=json.dumps({"is_disabled": True})), {}),
        ("editMessageText", {"chat_id": 5, "message_id": 7, "text": "Hello"}, {}),
        ("sendMediaGroup", {"chat_id": "5", "media": json.dumps(ALBUM)}, FILES),
        ("sendPhoto", {"chat_id": "5", "photo": "attach://a"}, {"a": {"data": b"1"}}),
        ("setMyCommands", {"commands": json.dumps([{"command": "menu", "description": "Menu"}])}, {}),
        ("getUpdates", {"offset": 1, "timeout": 25, "allowed_updates": ["message", "managed_bot"]}, {}),
        ("getMe", {}, {}),
    ],
)
def test_a_proper_call_passes(method: str, fields: dict[str, Any], uploads: dict[str, Any]) -> None:
    assert violations_of(method, fields, uploads) == []


@pytest.mark.parametrize(
    ("method", "fields", "said"),
    [
        ("sendPoll", {}, "no such method"),
        ("sendMessage", {"text": "Hello"}, "chat_id is missing"),
        ("sendMessage", _message(text=""), "0 characters"),
        ("sendMessage", _message(text=" \n"), "blank"),
        ("sendMessage", _message(text="x" * 4097), "4097 characters"),
        ("sendMessage", _message(text="🤖" * 2049), "4098 characters"),
        ("sendMessage", _message(colour="red"), "colour is unknown"),
        ("sendMessage", _message(parse_mode="BBCode"), "none of ['HTML'"),
        ("sendMessage", _message(disable_web_page_preview="true"), "deprecated"),
        ("sendMessage", _message(message_thread_id="one"), "no Integer"),
        ("sendMessage", _message(disable_notification="yes"), "no Boolean"),
        ("sendMessage", _message(reply_markup=_inline({"text": "Menu"})), "does 0 things"),
        ("sendMessage", _message(reply_markup=_inline({**BUTTON, "url": "https://t.me/x"})), "does 2 things"),
        ("sendMessage", _message(reply_markup=_inline({**BUTTON, "callback_data": "x" * 65})), "65 bytes"),
        ("sendMessage", _message(reply_markup=_inline({**BUTTON, "callback_data": "ж" * 33})), "66 bytes"),
        ("sendMessage", _message(reply_markup=_inline({**BUTTON, "callback_data": ""})), "0 bytes"),
        ("sendMessage", _message(reply_markup=_inline({**BUTTON, "text": " "})), "without a label"),
        ("sendMessage", _message(reply_markup=_inline({"text": "Open", "url": "t.me/x"})), "leads to"),
        ("sendMessage", _message(reply_markup=_inline({**BUTTON, "style": "pink"})), "none of ['danger'"),
        ("sendMessage", _message(reply_markup=_inline(*[BUTTON] * 101)), "101 buttons"),
        ("sendMessage", _message(reply_markup=json.dumps({"inline_keyboard": [[]]})), "0 buttons"),
        ("sendMessage", _message(reply_markup="{"), "not JSON"),
        ("sendMessage", _below(request_contact=True, request_location=True), "does 2 things"),
        ("sendMessage", _below(request_managed_bot={}), "request_id is missing"),
        ("sendMessage", _below(request_managed_bot={"request_id": 2**31}), "not -2147483648"),
        ("sendMessage", _below(request_contact=True) | {"chat_id": "-5"}, "private chats only"),
        ("sendMessage", _message(entities=json.dumps([{"type": "bold", "offset": 3, "length": 3}])), "outside"),
        ("sendMessage", _message(entities=json.dumps([{"type": "loud", "offset": 0, "length": 3}])), "none of"),
        (
            "sendMessage",
            _message(parse_mode="HTML", entities=json.dumps([{"type": "bold", "offset": 0, "length": 3}])),
            "given both",
        ),
        (
            "sendMessage",
            _message(entities=json.dumps([{"type": "bold", "offset": 0, "length": 3, "url": "https://x.example"}])),
            "only for text_link",
        ),
        ("editMessageText", {"chat_id": "5", "message_id": "7"}, "text is missing"),
        ("editMessageText", {"text": "Hello"}, "chat_id is missing, and so is inline_message_id"),
        ("editMessageText", _message(message_id="7", reply_markup='{"remove_keyboard": true}'), "inline_keyboard"),
        ("deleteMessage", {"chat_id": "5"}, "message_id is missing"),
        ("sendChatAction", {"chat_id": "5", "action": "sleeping"}, "none of ['typing'"),
        ("answerCallbackQuery", {"callback_query_id": "1", "text": "x" * 201}, "201 characters"),
        ("setMyCommands", {"commands": json.dumps([{"command": "Menu", "description": "Menu"}])}, "[a-z0-9_]+"),
        ("setMyCommands", {"commands": json.dumps([{"command": "m" * 33, "description": "Menu"}])}, "33 characters"),
        ("setMyCommands", {"commands": json.dumps([{"command": "menu", "description": ""}])}, "0 characters"),
        ("setMyCommands", {"commands": json.dumps([{"command": "a", "description": "b"}] * 101)}, "101 items"),
        ("setMyCommands", {"commands": "[]", "language_code": "russian"}, "([a-z]{2})?"),
        ("getUpdates", {"allowed_updates": ["mesage"]}, "there is no mesage"),
        ("getUpdates", {"limit": 101}, "not 1 to 100"),
        ("getManagedBotToken", {}, "user_id is missing"),
    ],
)
def test_a_wrong_call_is_told_in_words(method: str, fields: dict[str, Any], said: str) -> None:
    assert any(said in one for one in violations_of(method, fields, {})), violations_of(method, fields, {})


@pytest.mark.parametrize(
    ("media", "uploads", "said"),
    [
        (ALBUM[:1], {"a": FILES["a"]}, "1 items"),
        (ALBUM * 6, FILES, "12 items"),
        (ALBUM, {"a": FILES["a"]}, "did not come along"),
        (ALBUM, {**FILES, "c": {"data": b"3"}}, "sent and not used"),
        ([{"media": "attach://a"}, ALBUM[1]], FILES, "type is missing"),
        ([{**ALBUM[0], "caption": "x" * 1025}, ALBUM[1]], FILES, "1025 characters"),
        (ALBUM, {**FILES, "b": {"data": b"0" * (10 * 1024 * 1024 + 1)}}, "larger than 10 MB"),
    ],
)
def test_a_wrong_album_is_told_in_words(media: list[Any], uploads: dict[str, Any], said: str) -> None:
    found = violations_of("sendMediaGroup", {"chat_id": "5", "media": json.dumps(media)}, uploads)
    assert any(said in one for one in found), found


async def _send(fields: dict[str, Any]) -> int:
    """The status of a message that was sent to a server of the tests, which is then closed."""
    async with telegram_server() as server, aiohttp.ClientSession() as client:
        answer = await client.post(f"{server.url}/bot{server.new_bot()}/sendMessage", json=fields)
        return answer.status


async def test_a_wrong_call_fails_the_test_that_made_it() -> None:
    with pytest.raises(AssertionError, match="chat_id is missing"):
        await _send({"text": "Hello"})


async def test_a_proper_call_fails_nothing() -> None:
    assert await _send(_message()) == 200
