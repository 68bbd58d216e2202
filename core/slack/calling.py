"""Calls of Slack's Web API, each with a time limit, and what its refusals mean. https://docs.slack.dev/apis/web-api"""

import json
from collections.abc import Awaitable

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from core.errors import Unavailable
from core.settings import Settings

REQUEST_S = 20
CHECK_S = 10
"""For what somebody waits for."""
GONE = frozenset({"token_revoked", "invalid_auth", "account_inactive", "not_authed", "token_expired"})
"""How Slack says that a token is worth nothing, or nothing any more."""


class SlackSaidNo(Exception):
    """Slack understood and refused. `code` is its word for why, such as "missing_scope"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def web_client(settings: Settings, token: str | None = None, timeout_s: int = REQUEST_S) -> AsyncWebClient:
    return AsyncWebClient(token=token, base_url=settings.slack_api_url, timeout=timeout_s)


async def asked(call: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    """Slack's answer. Raises `SlackSaidNo`, and `Unavailable` when there was none that makes sense."""
    try:
        return await call
    except SlackApiError as refusal:
        code = code_of(refusal)
        if code in {"", "ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}:
            raise Unavailable(part="Slack", reason=code or "no answer") from None
        raise SlackSaidNo(code) from None
    except (aiohttp.ClientError, SlackClientError, TimeoutError, json.JSONDecodeError, AttributeError):
        # AttributeError: the library's, where a proxy's page comes instead of JSON.
        raise Unavailable(part="Slack", reason="no answer") from None


def code_of(refusal: SlackApiError) -> str:
    """Slack's own word for a refusal; nothing when what came back was not Slack's."""
    response = refusal.response
    data = response.data if isinstance(response, AsyncSlackResponse) else response
    return str(data.get("error") or "") if isinstance(data, dict) else ""
