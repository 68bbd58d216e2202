"""How an assistant, or all of a business, has done in a period: who asked, what was answered and how, how it was liked.

A handful of queries by index; what is counted is counted in SQL, on either database. What owners try out is not
counted, nor is courtesy, nor what people say to people: a question is what the assistant had to know something for.
Refuses to know in which words a number is said.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from core.asked_about import Subject, subjects_asked
from core.channel_names import PREVIEW
from core.handoff import STILL_READING
from core.messages import COURTESY, Tier
from core.models import Assistant, Gap, GapStatus
from core.periods import Period
from core.statements import Row, Statement
from core.topics import OFF_LIMITS

ANSWERING = (Tier.VERIFIED, Tier.GROUNDED, Tier.QUOTED)
UNKNOWN, DECLINED, READING, FAILED = "unknown", "declined", "reading", "failed"
"""Why a question was refused: nothing is known, the owner does not want it answered, documents are still being read,
or a part of the product was away."""
WORST = 3
MOST_READ = 2000
"""Customers' messages that are looked through for what they are about: the newest ones."""
_LONGEST_READ = 300
_CALLED = "a person was called: "
_ANSWERING_TAKES = timedelta(hours=1)
"""An answer is later than the question by which its conversation is found, never by so much."""
_HERE = (
    "FROM conversations c JOIN contacts k ON k.id = c.contact_id JOIN messages m ON m.conversation_id = c.id "
    f"WHERE c.assistant_id IN :assistants AND c.last_message_at >= :alive AND k.channel <> '{PREVIEW}' "
)
_QUESTIONS = f"{_HERE}AND m.author = 'assistant' AND m.tier <> '{Tier.PERSON}' AND m.reason <> '{COURTESY}' "
_NOW_OR_BEFORE = (
    "AND ((m.created_at >= :before AND m.created_at < :before_end) "
    "OR (m.created_at >= :edge0 AND m.created_at < :end)) "
)
_NOW = "AND m.created_at >= :edge0 AND m.created_at < :end "
_WHY = (
    "CASE WHEN m.tier = 'handed_over' THEN m.reason WHEN m.tier <> 'refused' THEN '' "
    f"WHEN m.reason LIKE 'error-%' THEN '{FAILED}' WHEN m.reason LIKE '{OFF_LIMITS}%' THEN '{DECLINED}' "
    f"WHEN m.reason = '{STILL_READING}' THEN '{READING}' ELSE '{UNKNOWN}' END"
)
_PEOPLE = Statement(
    "SELECT CASE WHEN m.created_at < :edge0 THEN -1 ELSE 0 END AS part, COUNT(DISTINCT c.id) AS conversations, "
    f"COUNT(DISTINCT c.contact_id) AS customers {_QUESTIONS}{_NOW_OR_BEFORE}GROUP BY 1"
)
_SPEED = Statement(
    f"WITH timed AS (SELECT CAST(m.timings ->> 'total_s' AS DOUBLE PRECISION) AS s {_QUESTIONS}{_NOW}"  # noqa: S608 - constants
    "AND m.tier IN ('verified', 'grounded', 'quoted')), ranked AS (SELECT s, ROW_NUMBER() OVER (ORDER BY s) AS place, "
    "COUNT(*) OVER () AS all_of_them FROM timed WHERE s IS NOT NULL) "
    "SELECT MIN(CASE WHEN place * 100 >= all_of_them * 50 THEN s END) AS median, "
    "MIN(CASE WHEN place * 100 >= all_of_them * 95 THEN s END) AS p95 FROM ranked"
)
_ASKED = Statement(
    f"SELECT SUBSTR(m.text, 1, {_LONGEST_READ}) AS text {_HERE}AND m.author = 'customer' {_NOW}"
    f"ORDER BY m.created_at DESC, m.id LIMIT {MOST_READ}"
)


@dataclass(slots=True)
class Figures:
    """Counts of one period. `refused` is by why, `handed_over` by the reason (`HandoffReason`)."""

    conversations: int = 0
    customers: int = 0
    answered_by: dict[Tier, int] = field(default_factory=lambda: dict.fromkeys(ANSWERING, 0))
    refused: dict[str, int] = field(default_factory=dict)
    handed_over: dict[str, int] = field(default_factory=dict)
    liked: int = 0
    disliked: int = 0

    @property
    def answered(self) -> int:
        return sum(self.answered_by.values())

    @property
    def not_answered(self) -> int:
        return sum(self.refused.values())

    @property
    def passed_on(self) -> int:
        return sum(self.handed_over.values())

    @property
    def questions(self) -> int:
        return self.answered + self.not_answered + self.passed_on

    @property
    def share(self) -> float | None:
        """Of the questions that got an answer; None without any."""
        return self.answered / self.questions if self.questions else None

    def add(self, tier: Tier, why: str, row: Mapping[str, Any]) -> None:
        count = int(row["asked"])
        if tier in ANSWERING:
            self.answered_by[tier] += count
        elif tier is Tier.REFUSED:
            self.refused[why] = self.refused.get(why, 0) + count
        else:
            reason = why.removeprefix(_CALLED)
            self.handed_over[reason] = self.handed_over.get(reason, 0) + count
        self.liked += int(row["liked"] or 0)
        self.disliked += int(row["disliked"] or 0)


@dataclass(frozen=True, slots=True)
class Numbers:
    """`parts` are the hours or days of the period, in order. Seconds are None when nothing was answered. `worst` are
    the open gaps that were asked most, with their `assistant`, whenever that was."""

    period: Period
    now: Figures
    before: Figures
    parts: tuple[Figures, ...]
    median_s: float | None
    p95_s: float | None
    open_gaps: int
    worst: tuple[Gap, ...]
    subjects: tuple[Subject, ...]

    @property
    def has_any(self) -> bool:
        return self.now.questions > 0


async def numbers_of(assistants: Sequence[Assistant], period: Period, locale: str) -> Numbers:
    """Of these assistants together; `locale` is the language in which subjects are named."""
    asked = _asked_of([assistant.id for assistant in assistants], period)
    before, parts = await _counted(period, asked)
    now = _sum(parts)
    for row in await _PEOPLE.rows(**asked):
        figures = before if row["part"] < 0 else now
        figures.conversations, figures.customers = int(row["conversations"]), int(row["customers"])
    speed: Row = await _SPEED.first(**asked) or {"median": None, "p95": None}
    texts = [str(row["text"]) for row in await _ASKED.rows(**asked)] if now.questions else []
    gaps = Gap.filter(assistant_id__in=asked["assistants"], status=GapStatus.OPEN)
    worst = await gaps.order_by("-asked", "-last_asked_at", "id").limit(WORST).select_related("assistant")
    return Numbers(
        period=period,
        now=now,
        before=before,
        parts=tuple(parts),
        median_s=speed["median"],
        p95_s=speed["p95"],
        open_gaps=await gaps.count(),
        worst=tuple(worst),
        subjects=await asyncio.to_thread(subjects_asked, texts, locale),  # stemming them takes a moment
    )


def _asked_of(assistants: list[UUID], period: Period) -> dict[str, Any]:
    begin, end = period.before
    moments: dict[str, datetime] = {f"edge{number}": edge for number, edge in enumerate(period.edges[:-1])}
    alive = begin - _ANSWERING_TAKES
    return {"assistants": assistants, "alive": alive, "before": begin, "before_end": end, "end": period.ends, **moments}


async def _counted(period: Period, asked: Mapping[str, Any]) -> tuple[Figures, list[Figures]]:
    """The time before, and each part of the period."""
    before, parts = Figures(), [Figures() for _ in period.edges[1:]]
    for row in await _counting(len(parts)).rows(**asked):
        figures = before if row["part"] < 0 else parts[row["part"]]
        figures.add(Tier(row["tier"]), str(row["why"]), row)
    return before, parts


@cache
def _counting(parts: int) -> Statement:
    """A question belongs to the part in which it was answered; -1 is the time before."""
    later = " ".join(f"WHEN m.created_at < :edge{number} THEN {number - 1}" for number in range(1, parts))
    return Statement(
        f"SELECT CASE WHEN m.created_at < :edge0 THEN -1 {later} ELSE {parts - 1} END AS part, m.tier AS tier, "
        f"{_WHY} AS why, COUNT(*) AS asked, SUM(CASE WHEN m.feedback_score > 0 THEN 1 ELSE 0 END) AS liked, "
        f"SUM(CASE WHEN m.feedback_score < 0 THEN 1 ELSE 0 END) AS disliked {_QUESTIONS}{_NOW_OR_BEFORE}"
        "GROUP BY 1, 2, 3"
    )


def _sum(parts: Sequence[Figures]) -> Figures:
    total = Figures()
    for part in parts:
        for tier, count in part.answered_by.items():
            total.answered_by[tier] += count
        for counted, into in ((part.refused, total.refused), (part.handed_over, total.handed_over)):
            for why, count in counted.items():
                into[why] = into.get(why, 0) + count
        total.liked += part.liked
        total.disliked += part.disliked
    return total
