"""A run of the mystery shopper: begun, done, stopped, and what its owner makes of it.

A run is a job: killed in the middle it goes on with the questions that have no result yet, and each question has one
result, whoever asks. What was found moves the baseline in the transaction that ends the run; what got worse does not
move it, until the owner says that it is fine. Refuses to know who is told, and how.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from core.app import Core
from core.errors import Conflict
from core.jobs import wake
from core.models import Assistant, Job, RunKind, RunState, ShopperQuestion, ShopperResult, ShopperRun
from core.shopper.asking import ask, compared
from core.shopper.causes import causes_of
from core.shopper.fingerprint import fingerprint_of
from core.shopper.judging import Judgement, Verdict
from core.shopper.questions import refresh_list, shoppers_list
from core.shopper.standing_back import when_quiet
from core.shopper.told import Told, told_before
from core.what_if import changed

log = logging.getLogger(__name__)
ASK_NOW, ASK_AT_NIGHT = "ask_now", "ask_at_night"
"""Kinds of jobs: who has asked for it does not wait behind everybody's nights."""
KEPT_RUNS = 30
"""Of each assistant."""
LONGEST_RUN = timedelta(minutes=45)
"""After that it ends with what it has."""
UNDER_WAY = (RunState.WAITING, RunState.ASKING)


class NothingToAsk(Conflict):
    """The list is empty: there is nothing yet that could be asked."""

    code = "error-shopper-nothing"


@dataclass(slots=True)
class Counts:
    """Results of a run by verdict; `worse` without those that the owner finds right."""

    asked: int = 0
    by: dict[Verdict, int] = field(default_factory=lambda: dict.fromkeys(Verdict, 0))
    slower: int = 0

    def __getitem__(self, verdict: Verdict) -> int:
        return self.by[verdict]


async def start_run(
    core: Core,
    assistant: Assistant,
    kind: RunKind = RunKind.ASKED,
    *,
    settings: Mapping[str, Any] | None = None,
    night: str | None = None,
) -> ShopperRun:
    """Begin one; what somebody asks for while such a one is under way is that one. Raises `NothingToAsk`,
    `Unavailable`, and `IntegrityError` for a night that has one."""
    wanted = dict(settings or {})
    for running in await ShopperRun.filter(assistant_id=assistant.id, kind=kind, state__in=UNDER_WAY):
        if running.settings == wanted and not night:
            return running
        if kind is RunKind.CHANGE:  # he has thought of something else meanwhile
            await stop_run(running)
    questions = await refresh_list(core, assistant)
    if not questions:
        raise NothingToAsk
    async with in_transaction():
        run = await ShopperRun.create(
            assistant_id=assistant.id, kind=kind, night=night, settings=wanted, questions=len(questions)
        )
        work = ASK_AT_NIGHT if kind is RunKind.NIGHT else ASK_NOW
        job = await Job.create(kind=work, assistant_id=assistant.id, subject_id=run.id)
    await wake(core.queue, job)
    return run


async def stop_run(run: ShopperRun) -> None:
    """What it has found so far stays to be read and moves nothing."""
    await ShopperRun.filter(id=run.id, state__in=UNDER_WAY).update(
        state=RunState.STOPPED, finished_at=datetime.now(UTC)
    )


async def ask_questions(core: Core, run_id: UUID) -> None:
    """The job. Raises `Unavailable` when something is away: then it goes on later."""
    run = await ShopperRun.get_or_none(id=run_id).select_related("assistant")
    if run is None or run.state not in UNDER_WAY:
        return
    assistant: Assistant = run.assistant
    if run.state is RunState.WAITING:
        begun = {"started_at": datetime.now(UTC), "fingerprint": await fingerprint_of(core, assistant)}
        await ShopperRun.filter(id=run.id, state=RunState.WAITING).update(state=RunState.ASKING, **begun)
        await run.refresh_from_db()
    earlier = await _earlier_results(run)
    known = set(await ShopperResult.filter(run_id=run.id).values_list("question_id", flat=True))
    for place, question in enumerate(await shoppers_list(assistant)):
        if question.id in known:
            continue
        if not await ShopperRun.filter(id=run.id, state=RunState.ASKING).exists():
            return
        if run.started_at and datetime.now(UTC) - run.started_at > LONGEST_RUN:
            log.warning("run %s of the shopper takes too long: it ends with what it has", run.id)
            await ShopperRun.filter(id=run.id).update(fingerprint="")  # so that the next night goes on
            break
        await _ask_one(core, run, place, question, earlier.get(question.id))
    await _finish(run)


async def give_up_run(run_id: UUID) -> None:
    """For the worker, when it failed for good."""
    await ShopperRun.filter(id=run_id, state__in=UNDER_WAY).update(state=RunState.FAILED, finished_at=datetime.now(UTC))


async def _ask_one(
    core: Core, run: ShopperRun, place: int, question: ShopperQuestion, earlier: ShopperResult | None
) -> None:
    """Ask, compare, write down. What looks worse is asked once more: an answer that comes and goes is chance."""
    assistant = run.assistant
    asked = changed(assistant, run.settings) if run.kind is RunKind.CHANGE else assistant
    if run.kind is RunKind.CHANGE:
        is_as_now = earlier is not None and earlier.run.fingerprint == run.fingerprint
        before: Told | None = (
            Told.from_record(earlier.after)
            if earlier and is_as_now
            else await when_quiet(partial(ask, core, assistant, question.question))
        )
    else:
        before = told_before(question.baseline)
    after, judgement = await _asked(core, asked, question.question, before)
    if judgement.verdict is Verdict.WORSE:
        again, second = await _asked(core, asked, question.question, before)
        if second.verdict is not Verdict.WORSE:
            after, judgement = replace(again, by_chance=True), second
    is_worse = judgement.verdict is Verdict.WORSE
    causes = await causes_of(assistant, before, after) if is_worse and before and run.kind is not RunKind.CHANGE else []
    was_as_bad = earlier is not None and earlier.verdict == Verdict.WORSE and earlier.after["text"] == after.text
    try:
        await ShopperResult.create(
            run_id=run.id,
            question_id=question.id,
            place=place,
            verdict=judgement.verdict,
            reasons=[reason.value for reason in judgement.reasons],
            causes=[cause.record() for cause in causes],
            before=before.record() if before else None,
            after=after.record(),
            slower=judgement.slower,
            known=is_worse and was_as_bad,
        )
    except IntegrityError:  # somebody else asked it, or question or run is gone
        log.info("a result of run %s was not wanted any more", run.id)


async def _asked(core: Core, assistant: Assistant, question: str, before: Told | None) -> tuple[Told, Judgement]:
    after = await when_quiet(partial(ask, core, assistant, question))
    return after, await compared(core, assistant, question, before, after)


async def _earlier_results(run: ShopperRun) -> dict[UUID, ShopperResult]:
    """Of the last finished run of the assistant as it was, by question, with their `run`."""
    runs = ShopperRun.filter(assistant_id=run.assistant_id, state=RunState.DONE).exclude(kind=RunKind.CHANGE)
    last = await runs.order_by("-created_at").first()
    if last is None:
        return {}
    return {row.question_id: row for row in await ShopperResult.filter(run_id=last.id).select_related("run")}


async def _finish(run: ShopperRun) -> None:
    """Once: whoever turns it from asking to done moves the baselines."""
    async with in_transaction():
        ours = ShopperRun.filter(id=run.id, state=RunState.ASKING)
        results = await ShopperResult.filter(run_id=run.id)
        if not await ours.update(state=RunState.DONE, finished_at=datetime.now(UTC), questions=len(results)):
            return
        if run.kind is not RunKind.CHANGE:
            for result in results:
                if result.verdict != Verdict.WORSE:
                    await ShopperQuestion.filter(id=result.question_id).update(baseline=result.after)
        old = (
            await ShopperRun.filter(assistant_id=run.assistant_id).order_by("-created_at").offset(KEPT_RUNS).limit(100)
        )
        await ShopperRun.filter(id__in=[row.id for row in old]).delete()


async def accept(result: ShopperResult) -> None:
    """It is fine as it is now: later answers are compared with this one."""
    async with in_transaction():
        await ShopperResult.filter(id=result.id).update(accepted=True)
        await ShopperQuestion.filter(id=result.question_id).update(baseline=result.after)


async def accept_all(run: ShopperRun) -> None:
    """Whoever saves what he has looked at wants it so."""
    for result in await ShopperResult.filter(run_id=run.id):
        await accept(result)


async def accept_checked(core: Core, assistant: Assistant, settings: Mapping[str, Any]) -> None:
    """These settings are about to be saved: what a run has shown of them is what is wanted, if it is still so."""
    runs = ShopperRun.filter(assistant_id=assistant.id, kind=RunKind.CHANGE, state=RunState.DONE)
    run = await runs.order_by("-created_at").first()
    if run and run.settings == dict(settings) and run.fingerprint == await fingerprint_of(core, assistant):
        await accept_all(run)


async def runs_of(assistant: Assistant, limit: int = KEPT_RUNS) -> list[ShopperRun]:
    """Newest first."""
    return await ShopperRun.filter(assistant_id=assistant.id).order_by("-created_at").limit(limit)


async def last_run(assistant: Assistant) -> ShopperRun | None:
    """The newest finished one of the assistant as it was."""
    runs = ShopperRun.filter(assistant_id=assistant.id, state=RunState.DONE).exclude(kind=RunKind.CHANGE)
    return await runs.order_by("-created_at").first()


async def nights_between(assistants: Sequence[Assistant], begins: datetime, ends: datetime) -> tuple[int, int]:
    """How many nights brought a run, and how many answers they found worse that nobody had heard of."""
    nights = ShopperRun.filter(
        assistant_id__in=[one.id for one in assistants],
        kind=RunKind.NIGHT,
        state=RunState.DONE,
        created_at__gte=begins,
        created_at__lt=ends,
    )
    found = await nights.values_list("id", flat=True)
    worse = ShopperResult.filter(run_id__in=list(found), verdict=Verdict.WORSE, known=False)
    return len(found), await worse.count() if found else 0


_ORDER = {verdict: place for place, verdict in enumerate(("worse", "changed", "better", "new", "same"))}


async def results_of(run: ShopperRun) -> list[ShopperResult]:
    """With their `question`, the worst first, each kind in the order of the list."""
    rows = await ShopperResult.filter(run_id=run.id).select_related("question")
    return sorted(rows, key=lambda row: (row.accepted, _ORDER[row.verdict], row.place))


def counted(results: Sequence[ShopperResult]) -> Counts:
    counts = Counts(asked=len(results), slower=sum(row.slower for row in results))
    for row in results:
        counts.by[Verdict.SAME if row.accepted else Verdict(row.verdict)] += 1
    return counts
