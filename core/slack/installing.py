"""A workspace is connected in a browser, by a link, through the installation's own Slack app.

The link is signed, lives an hour, works once, and says who asked and for which assistant: at its end he is asked for
again, and must still be an owner. https://docs.slack.dev/authentication/installing-with-oauth
"""

import asyncio
import hmac
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode, urljoin
from uuid import UUID, uuid4

from core.accounts import sign, verify
from core.app import Core
from core.errors import NotFound, ProductError, Refused, TokenExpired, Unauthenticated
from core.inbox import accept_event, finish_event
from core.keyring import hash_token
from core.models import Assistant, Channel, ProcessedEvent, Role, User
from core.settings import Settings
from core.slack.calling import SlackSaidNo
from core.slack.connecting import connect_slack
from core.slack.errors import SlackWholeCompany
from core.slack.granting import granted_for
from core.slack.install_errors import (
    InstallFailed,
    InstallLinkBroken,
    InstallLinkOld,
    InstallLinkUsed,
    InstallUnknown,
    OtherBrowser,
)
from core.slack.manifest import BOT_SCOPES
from core.tenancy import Actor, actor_with_assistant

LINK_LIFE = timedelta(hours=1)
_KNOWN_FOR = timedelta(days=7)
"""Whose it was, so that he reads in his language that it is too old."""
_PURPOSE = "slack install"
_SOURCE = "slack-install"


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody asked for a link: he, for this assistant, once."""

    id: UUID
    user_id: UUID
    assistant_id: UUID
    until: int

    @property
    def mark(self) -> str:
        """What the browser in which it was begun keeps."""
        return hash_token(f"{_PURPOSE}:{self.id}")


@dataclass(frozen=True, slots=True)
class InstallLink:
    """For one person's browser. `wish_id` finds what came of it."""

    url: str
    wish_id: UUID


def has_own_app(settings: Settings) -> bool:
    """Whether workspaces can be connected by a link: there is an app, and Slack can send browsers back here."""
    heard = settings.slack_signing_secret or settings.slack_app_token
    return bool(settings.slack_client_id and settings.slack_client_secret and heard and settings.public_url)


def install_link(core: Core, actor: Actor, assistant: Assistant) -> InstallLink:
    """A new one each time. Raises `Refused`, `InstallUnknown`."""
    actor.must_be(Role.OWNER)
    if not has_own_app(core.settings):
        raise InstallUnknown(what="app")
    wish = uuid4()
    until = int(time.time() + LINK_LIFE.total_seconds())
    claims = {"assistant": str(assistant.id), "wish": str(wish), "until": str(until)}
    state = sign(core.keyring, _PURPOSE, str(actor.user_id), _KNOWN_FOR, **claims)
    return InstallLink(f"{core.settings.address}/slack/install?state={state}", wish)


async def begin_install(core: Core, state: str) -> tuple[Wish, str]:
    """Slack's page on which he allows it. Raises `InstallLinkBroken`, `InstallLinkOld`, `InstallLinkUsed`."""
    wish = await _unused(core, state)
    query = {
        "client_id": core.settings.slack_client_id,
        "scope": ",".join(BOT_SCOPES),
        "redirect_uri": _callback(core.settings),
        "state": state,
    }
    return wish, f"{urljoin(core.settings.slack_api_url, '/oauth/v2/authorize')}?{urlencode(query)}"


async def finish_install(core: Core, state: str, code: str, mark: str) -> Channel:
    """The workspace answers for his assistant, within seconds. Whatever fails, the link can be tried again.

    `mark`: what his browser has kept since the beginning. Raises as `begin_install` and `connect_slack`, and
    `OtherBrowser`, `InstallFailed`.
    """
    wish = await _unused(core, state)
    if not hmac.compare_digest(mark.encode(), wish.mark.encode()):
        raise OtherBrowser
    actor, assistant = await _asked_by(wish)
    event = await accept_event(_SOURCE, str(wish.id), {})
    if event is None:
        raise InstallLinkUsed
    try:
        channel = await _connect(core, actor, assistant, code)
        await finish_event(event, {"channel": str(channel.id)})
    except BaseException:  # also when he closes the page meanwhile
        await asyncio.shield(ProcessedEvent.filter(id=event.id).delete())
        raise
    return channel


async def locale_of_link(core: Core, state: str) -> str:
    """The language of whoever asked, also when the link is too old; nothing for a link that nobody made."""
    with suppress(ProductError):
        wish = _wish_in(core, state)
        person = await User.get_or_none(id=wish.user_id)
        return person.locale if person else ""
    return ""


async def came_of(wish_id: UUID) -> Channel | None:
    """The channel that was connected by this link; None as long as there is none."""
    event = await ProcessedEvent.get_or_none(source=_SOURCE, event_id=str(wish_id))
    made = (event.result or {}).get("channel") if event else None
    return await Channel.get_or_none(id=made) if made else None


async def _unused(core: Core, state: str) -> Wish:
    wish = _wish_in(core, state)
    if time.time() > wish.until:
        raise InstallLinkOld(what="link")
    if await ProcessedEvent.exists(source=_SOURCE, event_id=str(wish.id)):
        raise InstallLinkUsed
    await _asked_by(wish)
    return wish


def _wish_in(core: Core, state: str) -> Wish:
    try:
        claims = verify(core.keyring, _PURPOSE, state)
    except TokenExpired:
        raise InstallLinkOld(what="link") from None
    except Unauthenticated:
        raise InstallLinkBroken(what="link") from None
    return Wish(UUID(claims["wish"]), UUID(claims["sub"]), UUID(claims["assistant"]), int(claims["until"]))


async def _asked_by(wish: Wish) -> tuple[Actor, Assistant]:
    """As things stand now: he may have left, or the assistant may be gone."""
    try:
        actor, assistant = await actor_with_assistant(wish.user_id, wish.assistant_id)
        actor.must_be(Role.OWNER)
    except (NotFound, Refused):
        raise InstallLinkBroken(what="link") from None
    return actor, assistant


async def _connect(core: Core, actor: Actor, assistant: Assistant, code: str) -> Channel:
    try:
        granted = await granted_for(core.settings, code=code, redirect_uri=_callback(core.settings))
    except SlackSaidNo as no:
        raise InstallFailed(reason=no.code) from None
    if granted.whole_company:
        raise SlackWholeCompany(field="workspace", reason="org-wide")
    return await connect_slack(core, actor, assistant, **granted.secrets, own_app=False)


def _callback(settings: Settings) -> str:
    return f"{settings.address}/slack/callback"
