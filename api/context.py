"""What a request stands on: the application with its Core, and the language of whoever asks. Knows no route."""

from typing import cast

from quart import Quart, current_app, request

from api.metrics import Metrics
from core.app import Core
from core.texts import LOCALES


class WebApp(Quart):
    """Quart with what our views need. The Core was opened outside: its database lives in that context."""

    core: Core
    metrics: Metrics


def this_app() -> WebApp:
    return cast(WebApp, current_app)


def the_core() -> Core:
    return this_app().core


def caller_locale() -> str:
    """What was chosen on a page, or `Accept-Language`; English for everybody we have no sentences for."""
    chosen = request.args.get("lang") or request.cookies.get("lang")
    return chosen if chosen in LOCALES else request.accept_languages.best_match(LOCALES) or "en"
