"""Pages for people: the chat with a public assistant, and what stands there before there is one.

No framework, no build, nothing from other hosts. The sentences come from the locales; the page's own script gets
those it needs through `data-strings`.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from quart import Blueprint, Response, render_template, request, send_from_directory
from quart_rate_limiter import rate_limit
from quart_schema import hide

from api.access import public
from api.context import caller_locale, the_core
from api.limits import per_minute
from core.assistants import sample_questions
from core.courtesy import greeting_of
from core.models import Assistant
from core.tenancy import first_public_assistant
from core.texts import LOCALES

blueprint = Blueprint("pages", __name__)
STATIC = Path(__file__).parent / "static"
SCRIPT_STRINGS = (
    "web-tier-verified", "web-tier-grounded", "web-tier-quoted", "web-tier-refused", "web-page", "web-thinking",
    "web-person", "web-unreachable", "web-interrupted", "web-stopped", "web-sources", "web-thanks",
)  # fmt: skip
YEAR_S = 365 * 24 * 3600
"""How long browsers may keep a file whose address names its content."""


@blueprint.get("/")
@rate_limit(limits=per_minute(120))
@public
@hide
async def front() -> Response:
    """The first public assistant, or how to begin."""
    assistant = await first_public_assistant()
    return await (_chat(assistant) if assistant else page("start.html"))


@blueprint.get("/a/<uuid:assistant_id>")
@rate_limit(limits=per_minute(120))
@public
@hide
async def chat(assistant: Assistant) -> Response:
    """The page of one public assistant."""
    return await _chat(assistant)


@blueprint.get("/static/<path:filename>")
@rate_limit(limits=per_minute(1200))
@public
@hide
async def static(filename: str) -> Response:
    """Styles and scripts."""
    response = await send_from_directory(STATIC, filename)
    known = request.args.get("v") == fingerprints().get(filename, "")
    response.headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable" if known else "no-cache"
    return response


@blueprint.app_context_processor
def _for_templates() -> dict[str, Any]:
    """`t("key")` says a sentence, `asset("chat.css")` is a file's address."""
    locale = caller_locale()

    def t(key: str, **facts: str | int) -> str:
        return the_core().texts.say(locale, key, **facts)

    def asset(filename: str) -> str:
        return f"/static/{filename}?v={fingerprints()[filename]}"

    return {"t": t, "asset": asset, "locale": locale, "locales": LOCALES}


@cache
def fingerprints() -> dict[str, str]:
    """Name of each file -> what changes with its content."""
    files = (file for file in STATIC.iterdir() if file.is_file())
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:12] for file in files}


async def _chat(assistant: Assistant) -> Response:
    locale, core = caller_locale(), the_core()
    return await page(
        "chat.html",
        assistant=assistant,
        greeting=greeting_of(core, assistant, locale),
        questions=await sample_questions(assistant, locale),
        strings={key: core.texts.say(locale, key, name=assistant.name, number="%n") for key in SCRIPT_STRINGS},
    )


async def page(template: str, **values: Any) -> Response:
    """A template as a response that remembers the language somebody chose."""
    response = Response(await render_template(template, **values))
    response.headers["Vary"] = "Accept-Language, Cookie"
    response.headers["Cache-Control"] = "no-cache"
    if (chosen := request.args.get("lang")) in LOCALES:
        response.set_cookie("lang", chosen, max_age=YEAR_S, samesite="Lax", httponly=True, secure=request.is_secure)
    return response
