"""The web application: blueprints, limits, errors and headers around an open Core.

The Core is opened outside and handed in: the database's connections live in the context that opened it, and request
handlers run in copies of that context as long as the server is started there (`api/role.py`).
"""

from quart_schema import QuartSchema

from api import (
    adapters,
    api_keys,
    archives,
    assistants,
    auth,
    changes,
    channels,
    chat,
    completions,
    contacts,
    contradictions,
    conversations,
    documents,
    gaps,
    handoffs,
    health,
    messages,
    near_misses,
    numbers,
    openapi,
    pages,
    passage_edits,
    quarantine,
    reports,
    search,
    shopper,
    sites,
    slack,
    slack_install,
    team,
    training_examples,
    verified_answers,
    visitors,
    webhooks,
)
from api.context import WebApp
from api.headers import watch_requests
from api.limits import Limiter, open_store
from api.metrics import Metrics
from api.problems import handle_problems
from api.uploads import AROUND_A_FILE, uploading
from core.app import Core
from core.settings import MEGABYTE

UPLOAD_S = 600
NOUNS = (
    auth, assistants, documents, passage_edits, quarantine, sites, search, verified_answers, near_misses, gaps,
    numbers, conversations, handoffs, adapters, training_examples, channels, api_keys, chat, visitors, messages, team,
    changes, contradictions, archives, contacts, webhooks, shopper,
)  # fmt: skip


def create_app(core: Core, *, rate_limits: bool = True) -> WebApp:
    """The whole application. `rate_limits=False` is for measurements; every route declares its limits all the same."""
    app = WebApp("api", static_folder=None, template_folder="templates")
    app.core = core
    app.metrics = Metrics()
    app.request_class = uploading(core.settings.max_archive_mb)
    app.config.update(
        MAX_CONTENT_LENGTH=core.settings.max_upload_mb * MEGABYTE + AROUND_A_FILE,
        BODY_TIMEOUT=UPLOAD_S,
        PROPAGATE_EXCEPTIONS=False,
    )
    watch_requests(app)
    Limiter(app, store=open_store(core.settings), enabled=rate_limits)
    QuartSchema(
        app,
        openapi_path=None,
        info=openapi.INFO,
        security_schemes=openapi.SECURITY,
        openapi_provider_class=openapi.Provider,
        conversion_preference="pydantic",
    )
    app.json.ensure_ascii = app.json.sort_keys = False  # type: ignore[attr-defined]  # Quart types the base provider only
    handle_problems(app)
    for noun in NOUNS:
        app.register_blueprint(noun.blueprint, url_prefix="/api/v1")
    app.register_blueprint(completions.blueprint, url_prefix="/v1")
    for page in (health, openapi, pages, reports, slack, slack_install):
        app.register_blueprint(page.blueprint)
    app.register_blueprint(archives.links)
    return app
