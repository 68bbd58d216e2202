"""Slack's side of connecting, for tests: workspaces, apps, tokens and their installation, over real HTTP.

Answers have the shapes that Slack documents (auth.test, bots.info, apps.connections.open, oauth.v2.access). Any number
of workspaces, which `emulate` does not have; conversations are not played here. https://docs.slack.dev/reference/methods
"""

import itertools
import secrets
from base64 import b64decode
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

_numbers = itertools.count(1)
SCOPES = "app_mentions:read,chat:write,im:history,im:read,im:write,users:read"


@dataclass
class App:
    """An app as somebody made it at api.slack.com."""

    id: str = field(default_factory=lambda: f"A0APP{next(_numbers):05}")
    client_id: str = field(default_factory=lambda: f"100.{next(_numbers)}")
    client_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    signing_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    rotates: bool = False

    def app_token(self) -> str:
        return f"xapp-1-{self.id}-{next(_numbers)}-{secrets.token_hex(16)}"


@dataclass
class Installed:
    """A bot token: of which app, in which workspace."""

    app: App
    team_id: str
    team: str
    scopes: str = SCOPES
    error: str = ""
    enterprise: bool = False


class SlackAccounts:
    """`url` is the address of its Web API, as the setting SLACK_API_URL has it."""

    def __init__(self) -> None:
        self.url = ""
        self.tokens: dict[str, Installed] = {}
        self.app_tokens: set[str] = set()
        self.apps: dict[str, App] = {}
        self.codes: dict[str, tuple[App, str, str, str]] = {}
        self.refresh: dict[str, tuple[App, str]] = {}
        self.calls: Counter[str] = Counter()
        self.down = False
        self.says_app = True

    def new_app(self, *, rotates: bool = False) -> App:
        app = App(rotates=rotates)
        self.apps[app.client_id] = app
        return app

    def install(self, app: App, team: str, team_id: str = "", **values: Any) -> str:
        """The app is in a workspace now; its bot token."""
        token = f"xoxb-{next(_numbers)}-{secrets.token_hex(12)}"
        self.tokens[token] = Installed(app, team_id or f"T0TEAM{next(_numbers):05}", team, **values)
        return token

    def open_sockets(self, app: App) -> str:
        """An app-level token with connections:write."""
        token = app.app_token()
        self.app_tokens.add(token)
        return token

    def consent(self, authorize_url: str, team: str, team_id: str = "") -> str:
        """A person allows the app in his workspace: where Slack sends his browser."""
        asked = dict(parse_qsl(authorize_url.partition("?")[2]))
        app = self.apps[asked["client_id"]]
        code = secrets.token_hex(8)
        self.codes[code] = (app, team, team_id or f"T0TEAM{next(_numbers):05}", asked["redirect_uri"])
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def site(self) -> web.Application:
        application = web.Application()
        application.router.add_route("*", "/api/{method}", self._answer)
        return application

    async def _answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        self.calls[method] += 1
        if self.down:
            return web.Response(status=503, text="down")
        fields = dict(await request.post())
        if method == "oauth.v2.access":
            return web.json_response(self._exchange(request, {name: str(value) for name, value in fields.items()}))
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if method == "apps.connections.open":
            known = token in self.app_tokens
            url = {"ok": True, "url": "wss://127.0.0.1/link"}
            return web.json_response(url if known else {"ok": False, "error": "invalid_auth"})
        one = self.tokens.get(token)
        if one is None or one.error:
            return web.json_response({"ok": False, "error": one.error if one else "invalid_auth"})
        answer = self._me(one) if method == "auth.test" else self._bot(one)
        return web.json_response(answer, headers={"x-oauth-scopes": one.scopes})

    def _me(self, one: Installed) -> dict[str, Any]:
        me = {"ok": True, "url": f"https://{one.team_id.lower()}.slack.com/", "team": one.team, "user": "bot"}
        me |= {"team_id": one.team_id, "user_id": f"U{one.app.id}", "bot_id": f"B{one.app.id}"}
        me |= {"app_id": one.app.id} if self.says_app else {}
        return me | {"is_enterprise_install": one.enterprise}

    def _bot(self, one: Installed) -> dict[str, Any]:
        if "users:read" not in one.scopes:
            return {"ok": False, "error": "missing_scope", "needed": "users:read", "provided": one.scopes}
        return {"ok": True, "bot": {"id": f"B{one.app.id}", "app_id": one.app.id, "name": "bot", "deleted": False}}

    def _exchange(self, request: web.Request, fields: dict[str, str]) -> dict[str, Any]:
        client_id, _, client_secret = (
            b64decode(request.headers.get("Authorization", "").removeprefix("Basic ")).decode().partition(":")
        )
        app = self.apps.get(client_id)
        if app is None or app.client_secret != client_secret:
            return {"ok": False, "error": "bad_client_secret" if app else "invalid_client_id"}
        if fields.get("grant_type") == "refresh_token":
            _, old = self.refresh.pop(fields["refresh_token"], (app, ""))
            if not old:
                return {"ok": False, "error": "invalid_refresh_token"}
            return self._granted(app, self.tokens[old].team, self.tokens[old].team_id)
        app_of_code, team, team_id, address = self.codes.pop(fields.get("code", ""), (None, "", "", ""))
        if app_of_code is not app:
            return {"ok": False, "error": "invalid_code"}
        if fields.get("redirect_uri") != address:
            return {"ok": False, "error": "bad_redirect_uri"}
        return self._granted(app, team, team_id)

    def _granted(self, app: App, team: str, team_id: str) -> dict[str, Any]:
        token = self.install(app, team, team_id)
        answer = {"ok": True, "access_token": token, "token_type": "bot", "scope": SCOPES, "app_id": app.id}
        answer |= {"bot_user_id": f"U{app.id}", "team": {"id": team_id, "name": team}, "enterprise": None}
        answer |= {"is_enterprise_install": False, "authed_user": {"id": "U0PERSON"}}
        if app.rotates:
            refresh = f"xoxe-1-{secrets.token_hex(12)}"
            self.refresh[refresh] = (app, token)
            answer |= {"refresh_token": refresh, "expires_in": 43200}
        return answer


@asynccontextmanager
async def slack_accounts() -> AsyncIterator[SlackAccounts]:
    slack = SlackAccounts()
    runner = web.AppRunner(slack.site())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        slack.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
        yield slack
    finally:
        await runner.cleanup()
