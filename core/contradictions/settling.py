"""What of an assistant's documents contradicts itself: looked for, listed, settled by the owner's word.

What he finds wrong is taken out of its passage, as any other correction of his (core/passage_edits.py), so it stays out
when the document is read again, and can be undone. A contradiction lasts as long as both sentences are used. Refuses
to know what contradicts what: `clashes.py` does.
"""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from core.app import Core
from core.changes import record_undoable
from core.contradictions.clashes import Clash, Statement, clashes_in, statement_of
from core.errors import Conflict
from core.hidden import NOBODY
from core.models import Assistant, Contradiction, PassageRow
from core.passage_edits import correct_passage, hide_passage, own_text
from core.passages import only_used
from core.sentences import split_sentences
from core.tenancy import Actor

CONTRADICTION = "contradiction"
"""What changes of them are called."""
BOTH_RIGHT, ASKED_AGAIN = "keep contradiction", "reopen contradiction"
MOST_PASSAGES = 5_000
MOST_SHOWN = 100
_SCHEDULE = timedelta(hours=3)
"""Assistants whose documents have changed within this time are looked at, each hour."""


class AlreadySettled(Conflict):
    """One of the two sentences is not used any more."""

    code = "error-already-settled"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: a passage with its document, and the sentence in it."""

    passage: PassageRow
    quote: str


@dataclass(frozen=True, slots=True)
class Unsettled:
    row: Contradiction
    sides: tuple[Side, Side]


async def look_for_contradictions(core: Core, assistant: Assistant) -> list[Unsettled]:
    """Compare all that the assistant's documents say, in a thread; what is found is remembered and comes back."""
    used = await only_used(PassageRow.filter(assistant_id=assistant.id), assistant.id)
    rows = await used.order_by("-created_at").limit(MOST_PASSAGES)
    found = await asyncio.to_thread(_clashes, rows)
    known = {row.pair_key for row in await Contradiction.filter(assistant_id=assistant.id).only("id", "pair_key")}
    for clash in found:
        if (key := _key(clash)) not in known:
            known.add(key)
            await _remember(assistant, key, clash)
    return await contradictions_of(assistant)


async def look_where_something_changed(core: Core) -> None:
    """For the hourly tidying."""
    lately = PassageRow.filter(created_at__gt=datetime.now(UTC) - _SCHEDULE)
    for assistant_id in await lately.distinct().values_list("assistant_id", flat=True):
        if assistant := await Assistant.filter(id=assistant_id).exclude(tenant_id=NOBODY).first():
            await look_for_contradictions(core, assistant)


async def contradictions_of(assistant: Assistant) -> list[Unsettled]:
    """Those that wait for the owner's word, newest first: both sentences are in use."""
    waiting = Contradiction.filter(assistant_id=assistant.id, dismissed=False)
    rows = await waiting.order_by("-created_at", "id").limit(MOST_SHOWN)
    passages = await _in_use(assistant, rows)
    return [one for row in rows if (one := _unsettled(row, passages))]


async def settle(core: Core, row: Contradiction, *, first_is_right: bool, by: Actor) -> None:
    """The other sentence is left out of what is used, from the next answer on.

    `row` has its `assistant`. Raises `AlreadySettled`, `Unavailable`, and `Conflict` for a passage that is hidden.
    """
    found = _unsettled(row, await _in_use(row.assistant, [row]))
    if found is None:
        raise AlreadySettled
    wrong = found.sides[1 if first_is_right else 0]
    left = own_text(wrong.passage).replace(wrong.quote, "").strip(" \n;,")
    if left:
        await correct_passage(core, wrong.passage, left, by)
    else:
        await hide_passage(wrong.passage, by)


async def say_both_are_right(row: Contradiction, by: Actor, *, dismissed: bool = True) -> None:
    """It is not asked again."""
    async with in_transaction():
        if await Contradiction.filter(id=row.id, dismissed=not dismissed).update(dismissed=dismissed):
            await record_undoable(
                by,
                BOTH_RIGHT if dismissed else ASKED_AGAIN,
                CONTRADICTION,
                row.id,
                assistant_id=row.assistant_id,
                before={"dismissed": not dismissed},
                after={"dismissed": dismissed},
                name=row.first_quote[:80],
            )


async def _remember(assistant: Assistant, key: str, clash: Clash) -> None:
    try:
        await Contradiction.create(
            assistant_id=assistant.id,
            pair_key=key,
            told=clash.told.value,
            first_passage_id=clash.first.passage_id,
            first_quote=clash.first.quote,
            second_passage_id=clash.second.passage_id,
            second_quote=clash.second.quote,
        )
    except IntegrityError:  # looked for by two at once
        return


def _clashes(rows: list[PassageRow]) -> list[Clash]:
    return list(clashes_in([statement for row in rows for statement in _statements(row)]))


def _statements(row: PassageRow) -> list[Statement]:
    found = (statement_of(row.id, row.document_id, quote, row.heading) for quote in split_sentences(own_text(row)))
    return [one for one in found if one]


def _key(clash: Clash) -> str:
    both = sorted((clash.first.quote, clash.second.quote))
    return hashlib.sha256("\n".join(both).encode()).hexdigest()


async def _in_use(assistant: Assistant, rows: list[Contradiction]) -> dict[object, PassageRow]:
    ids = {key for row in rows for key in (row.first_passage_id, row.second_passage_id)}
    if not ids:
        return {}
    used = await only_used(PassageRow.filter(assistant_id=assistant.id, id__in=list(ids)), assistant.id)
    return {row.id: row for row in await used.select_related("document")}


def _unsettled(row: Contradiction, passages: dict[object, PassageRow]) -> Unsettled | None:
    first, second = passages.get(row.first_passage_id), passages.get(row.second_passage_id)
    if first is None or second is None or row.first_quote not in first.text or row.second_quote not in second.text:
        return None
    return Unsettled(row, (Side(first, row.first_quote), Side(second, row.second_quote)))
