"""The first steps of an assistant: read, drafted, sample answers decided, tried, reachable. Where its owners stand, and
how they go on.

What can be seen elsewhere (was it tried, has it a bot, is anything being read) is looked at, not written down twice.
Every move is one conditional update, so two owners, two taps or two processes move once. Refuses to know who talks to
owners, and how.
"""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from tortoise.transactions import in_transaction

from core.app import Core
from core.audit import record_change
from core.channel_names import PREVIEW
from core.drafting.profile import Source, greeting_for, profile_of, topics_in
from core.jobs import wake
from core.models import (
    Assistant,
    Channel,
    Contact,
    Document,
    DocumentStatus,
    Draft,
    DraftStep,
    Job,
    PassageRow,
    SampleAnswer,
    SampleDecision,
    SamplesState,
    Site,
    SiteStatus,
    VerifiedAnswer,
)
from core.news import ITSELF

NUMBERS = {
    DraftStep.READING: 1,
    DraftStep.DRAFT: 1,
    DraftStep.SAMPLES: 2,
    DraftStep.TRYING: 3,
    DraftStep.CHANNEL: 4,
}
STEPS = 4
MAKE_SAMPLES = "make_samples"
_BUSY = (DocumentStatus.UPLOADED, DocumentStatus.PROCESSING)
_UNDER_WAY = (SiteStatus.QUEUED, SiteStatus.READING)
_MOST_DOCUMENTS, _MOST_PASSAGES = 40, 12
"""That a draft is made of."""


async def begin(assistant: Assistant, *, is_named: bool = False) -> Draft:
    """The first steps of an assistant begin; again changes nothing. Unless its owner named it, its name is a guess."""
    guessed = {"name": "" if is_named else assistant.name, "persona": "", "greeting": ""}
    draft, _ = await Draft.get_or_create(assistant_id=assistant.id, defaults={"suggested": guessed})
    return draft


async def step_of(assistant: Assistant) -> DraftStep:
    """Where its owners stand. `DONE` also for one that was made before there were first steps, or without them."""
    draft = await Draft.get_or_none(assistant_id=assistant.id)
    if draft is None:
        return DraftStep.DONE
    step = draft.step
    if step is DraftStep.SAMPLES and draft.samples is SamplesState.MADE and not await waiting(assistant):
        step = DraftStep.TRYING
    if step is DraftStep.TRYING and await Contact.filter(assistant_id=assistant.id, channel=PREVIEW).exists():
        step = DraftStep.CHANNEL
    if step in (DraftStep.TRYING, DraftStep.CHANNEL) and await Channel.filter(assistant_id=assistant.id).exists():
        step = DraftStep.DONE
    return step


async def being_read(assistant_id: UUID) -> Site | Document | None:
    """What an assistant reads now; a site before its pages."""
    site = await Site.filter(assistant_id=assistant_id, status__in=_UNDER_WAY).order_by("created_at").first()
    return site or await Document.filter(assistant_id=assistant_id, status__in=_BUSY).order_by("created_at").first()


async def knows_anything(assistant_id: UUID) -> bool:
    if await PassageRow.filter(assistant_id=assistant_id).exists():
        return True
    return await VerifiedAnswer.filter(assistant_id=assistant_id).exists()


async def write_draft(core: Core, assistant: Assistant) -> None:
    """What was read makes a name, a tone and a greeting, where nobody has set them; then sample answers are made.

    Once, whoever asks; changes `assistant`.
    """
    draft = await begin(assistant)
    if draft.step is not DraftStep.READING:
        return
    sources, suggested = await _sources(assistant), draft.suggested
    named = assistant.name if assistant.name != suggested.get("name") else await _name_told(assistant)
    profile = await asyncio.to_thread(profile_of, sources, core.texts.say, named=named, known_as=assistant.name)
    drafted = {"name": profile.name[:120], "persona": profile.persona, "greeting": profile.greeting}
    job: Job | None = None
    async with in_transaction():
        ours = Draft.filter(id=draft.id, step=DraftStep.READING)
        if await ours.update(step=DraftStep.DRAFT, suggested=drafted, samples=SamplesState.MAKING):
            await assistant.refresh_from_db()
            untouched = {
                field: value
                for field, value in drafted.items()
                if value and getattr(assistant, field) == suggested.get(field, "")
            }
            await assistant.update_from_dict(untouched | {"locale": profile.locale}).save()
            await record_change(
                assistant.tenant_id, ITSELF, "change assistant", assistant.id, fields=", ".join(untouched)
            )
            job = await Job.create(kind=MAKE_SAMPLES, assistant_id=assistant.id, subject_id=assistant.id)
    await assistant.refresh_from_db()
    if job:
        await wake(core.queue, job)


async def follow_name(core: Core, assistant: Assistant, name: str) -> str:
    """The greeting for a new name, where the present one was drafted; else the greeting as it is."""
    draft = await Draft.get_or_none(assistant_id=assistant.id)
    if draft is None or not assistant.greeting or assistant.greeting != draft.suggested.get("greeting"):
        return assistant.greeting
    topics = await asyncio.to_thread(topics_in, await _sources(assistant))
    greeting = greeting_for(name, topics, assistant.locale, core.texts.say)
    await Draft.filter(id=draft.id).update(suggested=draft.suggested | {"name": name, "greeting": greeting})
    return greeting


async def go_on(assistant: Assistant, left: Sequence[DraftStep], to: DraftStep) -> bool:
    """Leave one of these steps for another; False when somebody has done so before."""
    return bool(await Draft.filter(assistant_id=assistant.id, step__in=list(left)).update(step=to))


async def dismiss(assistant: Assistant) -> None:
    """No more of it: what was made so far stays."""
    await Draft.filter(assistant_id=assistant.id).update(step=DraftStep.DONE)


async def waiting(assistant: Assistant) -> list[SampleAnswer]:
    """The sample answers that nobody has decided about, in their order; without those that nothing carries any more."""
    rows = await SampleAnswer.filter(assistant_id=assistant.id, decision=SampleDecision.WAITING).order_by("position")
    there = set(await PassageRow.filter(id__in=[row.passage_id for row in rows]).values_list("id", flat=True))
    return [row for row in rows if row.passage_id in there]


async def _name_told(assistant: Assistant) -> str:
    """What its site calls itself, or what its owner called it who told of it in his own words; else empty."""
    site = await Site.filter(assistant_id=assistant.id).exclude(name="").order_by("created_at").first()
    if site:
        return str(site.name)
    only_told = not await Document.filter(assistant_id=assistant.id).exclude(kind="text").exists()
    return assistant.name if only_told else ""


async def _sources(assistant: Assistant) -> list[Source]:
    """The first documents, each from its beginning on; a site's first page is its oldest document."""
    rows = Document.filter(assistant_id=assistant.id).order_by("created_at", "id").limit(_MOST_DOCUMENTS)
    sources = []
    for document in await rows:
        parts = PassageRow.filter(document_id=document.id).order_by("chunk_index").limit(_MOST_PASSAGES)
        told = tuple((part.heading, part.text) for part in await parts)
        if told:
            sources.append(Source(document.title or document.filename, told, document.kind == "page"))
    return sources
