"""What came of a training, as a page: the verdict, the chart, answers side by side, and what it was made of.

A signed link opens it, from the admin bot or `adapters/{id}`; the token in the address is the permission.
"""

import asyncio
from functools import partial
from typing import Any

from quart import Blueprint, Response
from quart_rate_limiter import rate_limit
from quart_schema import hide

from api.access import public
from api.context import caller_locale, the_core
from api.limits import per_minute
from api.pages import page
from core.learning.chart import SHARES, draw
from core.learning.examples import Source
from core.learning.report import SOURCES, adapter_of_report, has_earned_its_place, verdict_of

blueprint = Blueprint("reports", __name__)


@blueprint.get("/reports/<token>")
@rate_limit(limits=per_minute(60))
@public
@hide
async def report(token: str) -> Response:
    """The page of one training."""
    core, locale = the_core(), caller_locale()
    adapter = await adapter_of_report(core, token)
    made, said = adapter.metrics["report"], partial(core.texts.say, locale)
    shares = {said(key): made["figures"][figure] for figure, key in SHARES.items() if figure in made["figures"]}
    lineage: dict[str, Any] = adapter.metrics.get("lineage") or {}
    response = await page(
        "report.html",
        assistant=adapter.assistant,
        adapter=adapter,
        accepted=has_earned_its_place(adapter),
        verdict=verdict_of(core, locale, adapter),
        judged=made.get("judged", 0),
        shares=shares,
        samples=made.get("samples", ()),
        lineage=lineage,
        sources={said(SOURCES[Source(name)]): count for name, count in lineage.get("sources", {}).items()},
        chart=f"/reports/{token}/chart?lang={locale}",
    )
    return _for_him_alone(response)


@blueprint.get("/reports/<token>/chart")
@rate_limit(limits=per_minute(60))
@public
@hide
async def chart(token: str) -> Response:
    """The picture on that page (PNG)."""
    core = the_core()
    adapter = await adapter_of_report(core, token)
    say = partial(core.texts.say, caller_locale())
    png = await asyncio.to_thread(draw, adapter.training_logs, adapter.metrics["report"], say)
    return _for_him_alone(Response(png, mimetype="image/png"))


def _for_him_alone(response: Response) -> Response:
    """Kept by no cache, listed by no search engine, told to no other site."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
