"""Pages on which a Slack workspace is connected in a browser: away to Slack, and back from it.

Whoever comes is known by the link that he was given (core/slack/installing.py), and reads its owner's language.
"""

from urllib.parse import urlencode

from quart import Blueprint, Response, request
from quart_rate_limiter import rate_limit
from quart_schema import hide

from api.access import public
from api.context import caller_locale, the_core
from api.limits import per_minute
from api.pages import page
from api.problems import STATUS
from core.errors import ProductError
from core.models import Assistant, Channel
from core.slack.connecting import app_link
from core.slack.install_errors import InstallDenied, InstallFailed
from core.slack.installing import LINK_LIFE, begin_install, finish_install, locale_of_link

blueprint = Blueprint("slack_install", __name__)
COOKIE = "slack_install"


@blueprint.get("/slack/install")
@rate_limit(limits=per_minute(60))
@public
@hide
async def install() -> Response:
    """To Slack's page that asks whether it may. The browser remembers that it began here."""
    state = _asked("state")
    try:
        wish, address = await begin_install(the_core(), state)
    except ProductError as error:
        return await _refusal(state, error)
    away = Response("", status=302, headers={"Location": address, "Cache-Control": "no-store"})
    secure = the_core().settings.address.startswith("https://")
    life = int(LINK_LIFE.total_seconds())
    away.set_cookie(COOKIE, wish.mark, max_age=life, path="/slack", httponly=True, samesite="Lax", secure=secure)
    return away


@blueprint.get("/slack/callback")
@rate_limit(limits=per_minute(60))
@public
@hide
async def callback() -> Response:
    """Back from Slack, with its leave or without."""
    state, refused = _asked("state"), _asked("error")
    try:
        if refused:
            await begin_install(the_core(), state)  # a link that nobody made is told so first
            raise InstallDenied if refused == "access_denied" else InstallFailed(reason=refused[:60])
        channel = await finish_install(the_core(), state, _asked("code"), request.cookies.get(COOKIE, ""))
    except ProductError as error:
        return await _refusal(state, error)
    return await _success(state, channel)


async def _success(state: str, channel: Channel) -> Response:
    locale = await _locale(state)
    assistant = await Assistant.get(id=channel.assistant_id)
    say = the_core().texts.say
    response = await _sheet(
        locale,
        title=say(locale, "slack-page-done", assistant=assistant.name, team=channel.name),
        text=say(locale, "slack-page-telling"),
        steps=[say(locale, "slack-page-ask"), say(locale, "slack-page-invite")],
        link=app_link(channel),
        label=say(locale, "slack-page-open"),
    )
    response.delete_cookie(COOKIE, path="/slack")
    return response


async def _refusal(state: str, error: ProductError) -> Response:
    """Why not, with one way on: the same link again, where that helps."""
    locale = await _locale(state)
    texts = the_core().texts
    again = isinstance(error, InstallDenied | InstallFailed) or STATUS[error.code] == 503
    response = await _sheet(
        locale,
        title=texts.say(locale, "slack-page-not"),
        text=texts.explain(locale, error),
        steps=[],
        link=f"/slack/install?{urlencode({'state': state})}" if again else "",
        label=texts.say(locale, "slack-page-again"),
    )
    response.status_code = STATUS[error.code]
    return response


async def _sheet(locale: str, **words: object) -> Response:
    heading = the_core().texts.say(locale, "slack-page-title")
    response = await page("slack.html", locale=locale, heading=heading, **words)
    response.headers["Cache-Control"] = "no-store"
    return response


async def _locale(state: str) -> str:
    return await locale_of_link(the_core(), state) or caller_locale()


def _asked(name: str) -> str:
    return request.args.get(name, "")[:4_000]
