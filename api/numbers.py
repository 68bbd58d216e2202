"""How an assistant has done: today, in seven days, in thirty."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import Self
from uuid import UUID

from pydantic import BaseModel
from quart import Blueprint, Response
from quart_rate_limiter import rate_limit
from quart_schema import validate_querystring, validate_response

from api.access import login_or_key
from api.context import caller_locale, the_core
from api.limits import per_minute
from core.messages import Tier
from core.models import Assistant
from core.numbers import Figures, Numbers, numbers_of
from core.numbers_chart import draw_numbers
from core.periods import Span, period_until, zone_of

blueprint = Blueprint("numbers", __name__)


class Wanted(BaseModel):
    """`day` is today, `week` the last seven days with today, `month` the last thirty."""

    period: Span = Span.WEEK


class FiguresView(BaseModel):
    """`answered` is by tier; `refused` by why (unknown, declined, reading, failed); `handed_over` by reason. `share` of
    the questions that were answered, null without any. What is tried out in the admin bot is not counted."""

    conversations: int
    customers: int
    questions: int
    answered: dict[Tier, int]
    refused: dict[str, int]
    handed_over: dict[str, int]
    share: float | None
    liked: int
    disliked: int

    @classmethod
    def of(cls, figures: Figures) -> Self:
        seen = {name: getattr(figures, name) for name in cls.model_fields if name not in ("answered", "share")}
        share = None if figures.share is None else round(figures.share, 4)
        return cls(**seen, answered=figures.answered_by, share=share)


class Part(BaseModel):
    """An hour of today, or a day."""

    begins: datetime
    questions: int
    answered: int
    refused: int
    handed_over: int


class OpenGap(BaseModel):
    id: UUID
    question: str
    asked: int


class AskedAbout(BaseModel):
    subject: str
    asked: int


class NumbersView(BaseModel):
    """`before` is the time before, as long and until the same hour. `median_s` and `p95_s`: the time to an answer.
    `open_gaps` counts all questions without an answer, `worst_gaps` are those asked most. `subjects` are named in the
    caller's language."""

    period: Span
    time_zone: str
    begins: datetime
    ends: datetime
    now: FiguresView
    before: FiguresView
    parts: list[Part]
    median_s: float | None
    p95_s: float | None
    open_gaps: int
    worst_gaps: list[OpenGap]
    subjects: list[AskedAbout]

    @classmethod
    def of(cls, numbers: Numbers) -> Self:
        period = numbers.period
        return cls(
            period=period.span,
            time_zone=period.zone,
            begins=period.begins,
            ends=period.ends,
            now=FiguresView.of(numbers.now),
            before=FiguresView.of(numbers.before),
            parts=[
                Part(
                    begins=begins,
                    questions=part.questions,
                    answered=part.answered,
                    refused=part.not_answered,
                    handed_over=part.passed_on,
                )
                for begins, part in zip(period.edges, numbers.parts, strict=False)
            ],
            median_s=numbers.median_s,
            p95_s=numbers.p95_s,
            open_gaps=numbers.open_gaps,
            worst_gaps=[OpenGap(id=gap.id, question=gap.question, asked=gap.asked) for gap in numbers.worst],
            subjects=[AskedAbout(subject=one.name, asked=one.asked) for one in numbers.subjects],
        )


@blueprint.get("/assistants/<uuid:assistant_id>/numbers")
@rate_limit(limits=per_minute(60))
@login_or_key("read")
@validate_querystring(Wanted)
@validate_response(NumbersView)
async def numbers(assistant: Assistant, query_args: Wanted) -> NumbersView:
    """Who asked, what was answered and how, how it was liked, and how it was before."""
    return NumbersView.of(await _numbers(assistant, query_args.period))


@blueprint.get("/assistants/<uuid:assistant_id>/numbers/chart")
@rate_limit(limits=per_minute(20))
@login_or_key("read")
@validate_querystring(Wanted)
async def chart(assistant: Assistant, query_args: Wanted) -> Response:
    """The questions of a period as a picture (PNG), in the caller's language."""
    found = await _numbers(assistant, query_args.period)
    png = await asyncio.to_thread(draw_numbers, found, partial(the_core().texts.say, caller_locale()))
    response = Response(png, mimetype="image/png")
    response.headers["Cache-Control"] = "private, no-store"
    return response


async def _numbers(assistant: Assistant, span: Span) -> Numbers:
    now = datetime.now(UTC)
    return await numbers_of([assistant], period_until(now, span, zone_of([assistant])), caller_locale())
