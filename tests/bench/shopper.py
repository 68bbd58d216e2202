"""What the mystery shopper finds, and what he only imagines: `make bench-shopper`.

The demo's assistant on the bundled models, its six documents, 24 questions in both languages and one ready answer. It
is asked once, then twice more without a change: every answer that is called worse then is a false alarm. After that
eight things are broken, one after the other, as an owner would break them, and each is undone before the next. A
breakage is found when an answer that it must touch is called worse, with this very change as the cause; what is
called worse and put down to something else is a stray. At the end all must be as it was. Prints a line for each run;
the last line is one JSON object.
"""

import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from core.app import Core, open_core
from core.assistants import change_assistant
from core.changes import last_change_of
from core.demo import DEMO_DOCUMENTS
from core.demo.questions import DEMO_QUESTIONS
from core.documents import forget_document
from core.first_start import ensure_first_owner
from core.models import (
    Assistant,
    Change,
    Document,
    DocumentStatus,
    Membership,
    PassageRow,
    RunState,
    ShopperResult,
    ShopperRun,
)
from core.passage_edits import hide_passage, subject_of
from core.pausing import pause_document
from core.receiving import new_upload, receive_file
from core.settings import Settings
from core.shopper.judging import Verdict
from core.shopper.questions import add_own_question
from core.shopper.runs import results_of, start_run
from core.tenancy import Actor, actor_of
from core.undoing import undo
from core.verified import (
    add_verified_answer,
    change_verified_answer,
    forget_verified_answer,
    verified_answers_of,
)
from tests.subprocesses import ROOT
from tests.waiting import until
from workers.role import run as work

EACH = 12
"""Questions in each language."""
READY = "Where can I pick up my order?"
LONGEST_S = 900


@dataclass(frozen=True, slots=True)
class Shop:
    core: Core
    assistant: Assistant
    actor: Actor

    async def document(self, name: str) -> Document:
        return await Document.get(assistant_id=self.assistant.id, filename=name)

    async def fresh(self) -> Assistant:
        return await Assistant.get(id=self.assistant.id)

    async def quiet(self) -> None:
        async def read() -> bool:
            busy = (DocumentStatus.UPLOADED, DocumentStatus.PROCESSING)
            waiting = Document.filter(assistant_id=self.assistant.id, status__in=busy)
            newer = Document.filter(assistant_id=self.assistant.id).exclude(next_hash="")
            return not (await waiting.exists() or await newer.exists())

        await until(read, LONGEST_S)

    async def set(self, **policy: object) -> Change | None:
        assistant = await self.fresh()
        await change_assistant(self.actor, assistant, answer_policy={**assistant.answer_policy, **policy})
        return await last_change_of(assistant.id)


Breakage = Callable[[Shop], Awaitable[Change | None]]


async def change_ready_answer(shop: Shop) -> Change | None:
    [row] = await verified_answers_of(shop.assistant)
    await change_verified_answer(row, "At 14 Mill Lane, after 12:00.", shop.actor)
    return await last_change_of(row.id)


async def remove_ready_answer(shop: Shop) -> Change | None:
    [row] = await verified_answers_of(shop.assistant)
    await forget_verified_answer(shop.core, row, shop.actor)
    return await last_change_of(row.id)


async def delete_document(shop: Shop) -> Change | None:
    document = await shop.document("product-care-guide.docx")
    await forget_document(shop.core, document, shop.actor)
    return await last_change_of(document.id)


async def change_price(shop: Shop) -> Change | None:
    was = next(file for file in DEMO_DOCUMENTS if file.name == "faq.txt").read_text(encoding="utf-8")
    place = new_upload(shop.core)
    place.write_text(was.replace("10:00 to 17:00", "11:00 to 16:00").replace("€12", "€18"), encoding="utf-8")
    document = await receive_file(shop.core, shop.assistant, "faq.txt", place, by=shop.actor)
    return await last_change_of(document.id)


async def pause(shop: Shop) -> Change | None:
    document = await shop.document("dostavka-i-vozvrat.pdf")
    await pause_document(shop.core, document, shop.actor)
    return await last_change_of(document.id)


async def forbid_topic(shop: Shop) -> Change | None:
    return await shop.set(forbidden_topics=["delivery", "доставка"])


async def raise_threshold(shop: Shop) -> Change | None:
    return await shop.set(threshold=0.99)


async def hide(shop: Shop) -> Change | None:
    about = PassageRow.filter(assistant_id=shop.assistant.id, text__contains="€18").order_by("id")
    passage = await about.first().select_related("document")
    assert passage
    await hide_passage(passage, shop.actor)
    return await last_change_of(subject_of(shop.assistant.id, passage.content_hash))


BREAKAGES: tuple[Breakage, ...] = (
    change_ready_answer,
    remove_ready_answer,
    delete_document,
    change_price,
    pause,
    forbid_topic,
    raise_threshold,
    hide,
)


async def asked(shop: Shop, what: str) -> list[ShopperResult]:
    """All questions once more; said in one line."""
    began = time.monotonic()
    run = await start_run(shop.core, await shop.fresh())

    async def over() -> bool:
        return (await ShopperRun.get(id=run.id)).state in (RunState.DONE, RunState.FAILED)

    await until(over, LONGEST_S)
    results = await results_of(run)
    found = {verdict.value: sum(row.verdict == verdict for row in results) for verdict in Verdict}
    told = ", ".join(f"{count} {name}" for name, count in found.items() if count)
    sys.stdout.write(f"{time.monotonic() - began:6.1f} s  {what:22} {told}\n")
    for row in results:
        if row.verdict == Verdict.WORSE:
            sys.stdout.write(f"{'':12}{row.question.question}: {', '.join(row.reasons)}\n")
    sys.stdout.flush()
    return results


async def measure(core: Core) -> dict[str, object]:
    await ensure_first_owner(core)
    assistant = await Assistant.all().first()
    assert assistant
    async with asyncio.TaskGroup() as group:
        working = group.create_task(work(core))
        try:
            return await _measure(core, assistant)
        finally:
            working.cancel()


async def _measure(core: Core, assistant: Assistant) -> dict[str, object]:
    member = await Membership.filter(tenant_id=assistant.tenant_id).first()
    assert member
    shop = Shop(core, assistant, await actor_of(member.user_id))
    await shop.quiet()
    await add_verified_answer(core, assistant, READY, "At 12 Mill Lane, from 10:00 on.", by=shop.actor)
    for locale in ("en", "ru"):
        for one in [one for one in DEMO_QUESTIONS if one.locale == locale][:EACH]:
            await add_own_question(core, assistant, one.question)
    await asked(shop, "first time")
    calm = [row for number in (1, 2) for row in await asked(shop, f"nothing changed {number}")]
    missed, strays = [], 0
    for breakage in BREAKAGES:
        change = await breakage(shop)
        assert change
        await shop.quiet()
        worse = [row for row in await asked(shop, breakage.__name__) if row.verdict == Verdict.WORSE]
        caused = [row for row in worse if str(change.id) in str(row.causes)]
        missed += [] if caused else [breakage.__name__]
        strays += len(worse) - len(caused)
        await undo(core, shop.actor, change)
        await shop.quiet()
    restored = await asked(shop, "all undone")
    return {
        "questions": len(restored),
        "seconds_per_question": round(sum(row.after["seconds"] for row in calm) / len(calm), 2),
        "false_alarms": sum(row.verdict == Verdict.WORSE for row in calm),
        "unsteady": sum(row.verdict != Verdict.SAME for row in calm),
        "planted": len(BREAKAGES),
        "found": len(BREAKAGES) - len(missed),
        "missed": missed,
        "strays": strays,
        "not_restored": sum(row.verdict == Verdict.WORSE for row in restored),
    }


async def run(folder: Path) -> dict[str, object]:
    settings = Settings(_env_file=None, data_dir=folder, models_dir=ROOT / ".cache" / "models", demo=True)
    async with open_core(settings, say=lambda _: None) as core:
        return await measure(core)


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        figures = asyncio.run(run(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
