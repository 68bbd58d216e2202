"""What is let in from Slack: what Slack has signed, just now, for a workspace that is connected; each thing once."""

import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from quart.typing import TestClientProtocol as Client

from api.slack import LARGEST
from core.app import Core
from core.models import Channel, ProcessedEvent
from core.slack.intake import source_of
from core.slack.signatures import OLDEST_S, sign
from tests.conftest import MakeAssistant

SECRET = "5e" * 16
BOT = "U0BOT"


@dataclass
class Slack:
    """Calls as Slack does."""

    client: Client
    channel: Channel

    async def posts(
        self, body: bytes, path: str = "events", secret: str = SECRET, age_s: float = 0, **headers: str
    ) -> int:
        stamp = str(int(time.time() - age_s))
        signed = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": sign(secret, body, stamp)}
        answer = await self.client.post(f"/slack/{path}", data=body, headers=signed | headers)
        return answer.status_code

    def event(self, **event: Any) -> dict[str, Any]:
        app, _, team = self.channel.identity.partition(":")
        told = {"type": "message", "channel": "D1", "channel_type": "im", "user": "U1", "text": "Hi", "ts": "1.1"}
        head = {"type": "event_callback", "api_app_id": app, "team_id": team, "event_id": "Ev1"}
        return {**head, "event": {name: value for name, value in (told | event).items() if value is not None}}

    async def tells(self, **event: Any) -> int:
        return await self.posts(json.dumps(self.event(**event)).encode())

    async def kept(self) -> list[ProcessedEvent]:
        return await ProcessedEvent.filter(source=source_of(self.channel))


@pytest.fixture
async def slack(core: Core, api: Client, assistant: MakeAssistant) -> AsyncIterator[Slack]:
    rosa = await assistant()
    channel = await Channel.create(
        assistant=rosa,
        kind="slack",
        identity=f"A{rosa.id.hex[:8]}:T1",
        secrets=core.keyring.seal({"bot_token": "xoxb-x", "signing_secret": SECRET}),
        settings={"mode": "http", "bot_user_id": BOT, "bot_id": "B0BOT"},
    )
    yield Slack(api, channel)
    await channel.delete()


async def test_what_slack_signs_is_written_down_before_it_is_acknowledged(slack: Slack) -> None:
    assert await slack.tells(text="Where is the shop? \u0000 \ud83d") == 200
    [event] = await slack.kept()
    assert (event.event_id, event.payload["kind"]) == ("Ev1", "event")
    assert event.payload["body"]["event"]["text"].startswith("Where is the shop?")


async def test_a_forged_signature_opens_nothing(slack: Slack) -> None:
    body = json.dumps(slack.event()).encode()
    assert await slack.posts(body, secret="another") == 401
    assert await slack.posts(body, secret="") == 401
    stamp = str(int(time.time()))
    good = sign(SECRET, body, stamp)
    for signature in ("", "v0=", good[:-1], good.upper(), f"{good}0", "v0=é"):
        headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}
        answer = await slack.client.post("/slack/events", data=body, headers=headers)
        assert answer.status_code == 401, signature
    tampered = body.replace(b"Hi", b"Ho")
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": good}
    assert (await slack.client.post("/slack/events", data=tampered, headers=headers)).status_code == 401
    assert await slack.kept() == []


@pytest.mark.parametrize("age_s", [OLDEST_S + 5, -OLDEST_S - 5])
async def test_a_request_of_another_time_is_refused(slack: Slack, age_s: float) -> None:
    assert await slack.posts(json.dumps(slack.event()).encode(), age_s=age_s) == 401
    for stamp in ("", "now", "²", "-1", "1e3"):
        headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": "v0=x"}
        body = json.dumps(slack.event()).encode()
        assert (await slack.client.post("/slack/events", data=body, headers=headers)).status_code == 401
    assert await slack.kept() == []


async def test_what_comes_again_is_acknowledged_and_written_down_once(slack: Slack) -> None:
    body = json.dumps(slack.event()).encode()
    press = urlencode({"payload": json.dumps(_press(slack))}).encode()
    for retry in range(3):
        assert await slack.posts(body, **{"X-Slack-Retry-Num": str(retry)}) == 200
        assert await slack.posts(press, "interactions") == 200
    assert sorted(event.payload["kind"] for event in await slack.kept()) == ["action", "event"]


def _press(slack: Slack, **values: Any) -> dict[str, Any]:
    app, _, team = slack.channel.identity.partition(":")
    who = {"api_app_id": app, "team": {"id": team}, "user": {"id": "U1"}, "channel": {"id": "D1"}}
    return {"type": "block_actions", "trigger_id": "1.2.3", **who, "actions": [{"action_id": "helped"}], **values}


async def test_what_is_too_large_or_no_json_is_refused(slack: Slack) -> None:
    large = json.dumps(slack.event(text="x" * LARGEST)).encode()
    assert await slack.posts(large) == 413
    for broken in (b"", b"{", b"[]", b'"text"', b"\xff\xfe", b'{"a": NaN}', b"[" * 5000):
        assert await slack.posts(broken) == 400, broken[:20]
    for broken in (b"", b"payload=", b"payload=%7B", b"payload=[]", b"&".join([b"a=b"] * 500)):
        assert await slack.posts(broken, "interactions") == 400, broken[:20]
    assert await slack.kept() == []


async def test_slack_is_told_that_somebody_is_here(slack: Slack) -> None:
    answer = await slack.client.post("/slack/events", json={"type": "url_verification", "challenge": "3eZb_x-Q.1~"})
    assert (answer.status_code, await answer.get_data(as_text=True)) == (200, "3eZb_x-Q.1~")
    for challenge in ("<script>", "x" * 500, "", 5, None):
        told = {"type": "url_verification", "challenge": challenge}
        assert (await slack.client.post("/slack/events", json=told)).status_code == 400


async def test_an_unknown_workspace_is_acknowledged_and_named_in_the_log_once(
    slack: Slack, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = slack.event() | {"team_id": f"T{time.time_ns()}"}
    for _ in range(3):
        assert await slack.posts(json.dumps(stranger).encode(), secret="whose?") == 200
    for nameless in ({}, {"team_id": 5, "api_app_id": []}, {"team_id": None, "team": [], "user": "x"}):
        assert await slack.posts(json.dumps(nameless).encode()) == 200
    assert caplog.text.count(stranger["team_id"]) == 1
    assert await slack.kept() == []


@pytest.mark.parametrize(
    "event",
    [
        {"bot_id": "B1"},
        {"user": BOT},
        {"user": None},
        {"user": "USLACKBOT"},
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"subtype": "channel_join", "channel": "C1", "channel_type": "channel"},
        {"edited": {"user": "U1", "ts": "1.2"}},
        {"channel": "C1", "channel_type": "channel"},
        {"channel": "C1", "channel_type": "channel", "thread_ts": "1.0", "text": f"<@{BOT}> hello"},
        {"type": "app_mention", "channel": "C1", "bot_id": "B1"},
        {"type": "app_mention", "channel": "C1", "edited": {"ts": "1.2"}},
        {"type": "reaction_added"},
        {"type": "app_home_opened", "tab": "home"},
        {"type": ["message"]},
        {"type": 5},
    ],
    ids=str,
)
async def test_bots_edits_and_talk_among_people_are_passed_over(slack: Slack, event: dict[str, Any]) -> None:
    assert await slack.tells(**event) == 200
    assert await slack.kept() == []


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"channel_type": None},
        {"subtype": "file_share", "text": ""},
        {"type": "app_mention", "channel": "C1", "channel_type": None, "text": f"<@{BOT}> hello"},
        {"channel": "C1", "channel_type": "channel", "thread_ts": "1.0"},
        {"type": "assistant_thread_started", "assistant_thread": {"user_id": "U1"}},
    ],
    ids=str,
)
async def test_what_may_be_meant_for_us_is_kept(slack: Slack, event: dict[str, Any]) -> None:
    assert await slack.tells(**event) == 200
    assert len(await slack.kept()) == 1


async def test_interactions_that_we_do_not_offer_are_acknowledged(slack: Slack) -> None:
    for kind in ("view_submission", "message_action", "block_suggestion", "", None):
        body = urlencode({"payload": json.dumps(_press(slack, type=kind))}).encode()
        assert await slack.posts(body, "interactions") == 200
    assert await slack.posts(b"ssl_check=1&token=x", "commands") == 200
    assert await slack.kept() == []
