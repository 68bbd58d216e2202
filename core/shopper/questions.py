"""The shopper's list: which questions are asked of an assistant again and again.

The owner's own, those with ready answers, approved samples, and what customers asked lately, each once by meaning.
What is on it stays, so that nights can be compared; only customers' questions make room for newer ones after a month.
A customer's question is taken only if nobody can be known by it, and goes with his message. Refuses to know answers.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import zip_longest

import numpy as np
from tortoise.exceptions import IntegrityError

from core.app import Core
from core.channel_names import PREVIEW
from core.conversations import answer_id
from core.differences import difference_between
from core.embeddings.base import Vectors
from core.errors import Conflict, LimitReached
from core.gaps import ALIKE, question_key
from core.messages import COURTESY, Tier
from core.models import (
    Assistant,
    Author,
    Message,
    QuestionSource,
    SampleAnswer,
    SampleDecision,
    ShopperQuestion,
    ShopperResult,
    VerifiedAnswer,
)
from core.tracing import question_behind

MOST = 30
"""Questions of one assistant."""
MOST_OF_CUSTOMERS = 12
LATELY = timedelta(days=30)
LONGEST, SHORTEST = 300, 8
"""Characters."""
_RECENT = 60
"""Customers' last answered questions that are looked through."""
_ANSWERED = (Tier.VERIFIED, Tier.GROUNDED, Tier.QUOTED)
_PERSONAL = re.compile(
    r"\S@|@\w|https?:|www\.|\bt\.me/"
    r"|\d(?:[\s()./+-]{0,2}\d){4,}"
    r"|\b(?:my name is|i am called|меня зовут|моё имя|мое имя|моя фамилия|my (?:order|address|phone)"
    r"|мо[йяё]\w* (?:заказ|адрес|телефон|номер)\w*)\b",
    re.IGNORECASE,
)
"""E-mails, names of users, links, five digits or more, and who speaks of himself."""


class ListIsFull(LimitReached):
    """No room for one more question of his own."""

    code = "error-shopper-full"


class AskedAlready(Conflict):
    """The same question is on the list, perhaps in other words."""

    code = "error-shopper-asked"


@dataclass(frozen=True, slots=True)
class _Candidate:
    source: QuestionSource
    text: str
    message: Message | None = None


async def shoppers_list(assistant: Assistant) -> list[ShopperQuestion]:
    """What is asked, in the order in which it is asked: oldest first, at most `MOST`."""
    on = ShopperQuestion.filter(assistant_id=assistant.id, is_off=False)
    return await on.order_by("created_at", "id").limit(MOST)


async def refresh_list(core: Core, assistant: Assistant) -> list[ShopperQuestion]:
    """Fill the list from what there is now, and let customers' old questions make room. Raises `Unavailable`.

    The same data makes the same list: sources take turns, ready answers and samples in their own order, customers'
    questions newest first.
    """
    customers = await _of_customers(assistant)
    await _make_room(assistant, customers)
    rows = await ShopperQuestion.filter(assistant_id=assistant.id).order_by("created_at", "id")
    known = [(row.question, await core.embedder.embed_query(row.question)) for row in rows]
    keys = {row.question_key for row in rows}
    here = [row for row in rows if not row.is_off]
    room, theirs = MOST - len(here), sum(row.source is QuestionSource.CUSTOMER for row in here)
    for one in _in_turn(await _ready(assistant), await _samples(assistant), customers):
        if room <= 0:
            break
        if one.message and theirs >= MOST_OF_CUSTOMERS:
            continue
        key = question_key(one.text)
        if key in keys or not SHORTEST <= len(one.text) <= LONGEST:
            continue
        vector = await core.embedder.embed_query(one.text)
        if not _is_among(one.text, vector, known) and await _put(assistant, one):
            keys.add(key)
            known.append((one.text, vector))
            room, theirs = room - 1, theirs + bool(one.message)
    return await shoppers_list(assistant)


async def add_own_question(core: Core, assistant: Assistant, text: str) -> ShopperQuestion:
    """A question of the owner's; the newest of customers' makes room. Raises `AskedAlready`, `ListIsFull`,
    `Unavailable`."""
    text = " ".join(text.split())[:LONGEST]
    rows = await ShopperQuestion.filter(assistant_id=assistant.id).order_by("created_at", "id")
    same = next((row for row in rows if row.question_key == question_key(text)), None)
    if same and not same.is_off:
        raise AskedAlready(question=same.question)
    here = [row for row in rows if not row.is_off]
    vector = await core.embedder.embed_query(text)
    for row in here:
        if _is_among(text, vector, [(row.question, await core.embedder.embed_query(row.question))]):
            raise AskedAlready(question=row.question)
    if len(here) >= MOST:
        for_room = [row for row in here if row.source is not QuestionSource.OWN]
        if not for_room:
            raise ListIsFull(limit=MOST)
        await for_room[-1].delete()
    if same:
        await ShopperQuestion.filter(id=same.id).update(is_off=False, source=QuestionSource.OWN, message_id=None)
        return await ShopperQuestion.get(id=same.id)
    return await ShopperQuestion.create(
        assistant_id=assistant.id, source=QuestionSource.OWN, question=text, question_key=question_key(text)
    )


async def take_off(question: ShopperQuestion) -> None:
    """Not asked any more; what was learnt of it is forgotten."""
    await ShopperQuestion.filter(id=question.id).update(is_off=True, baseline=None)
    await ShopperResult.filter(question_id=question.id).delete()


def is_impersonal(text: str) -> bool:
    """Whether nobody can be known by these words."""
    return not _PERSONAL.search(text)


async def _put(assistant: Assistant, one: _Candidate) -> bool:
    try:
        await ShopperQuestion.create(
            assistant_id=assistant.id,
            source=one.source,
            message_id=one.message.id if one.message else None,
            question=one.text,
            question_key=question_key(one.text),
        )
    except IntegrityError:  # two made the list at once, or the customer was forgotten in this moment
        return False
    return True


async def _ready(assistant: Assistant) -> list[_Candidate]:
    rows = VerifiedAnswer.filter(assistant_id=assistant.id).order_by("created_at", "id").limit(MOST)
    return [_Candidate(QuestionSource.READY, row.question) for row in await rows]


async def _samples(assistant: Assistant) -> list[_Candidate]:
    approved = SampleAnswer.filter(assistant_id=assistant.id, decision=SampleDecision.APPROVED)
    return [_Candidate(QuestionSource.SAMPLE, row.question) for row in await approved.order_by("position").limit(MOST)]


async def _of_customers(assistant: Assistant) -> list[_Candidate]:
    """Those that were answered and stand alone, newest first; of each the first message that asked it."""
    answers = Message.filter(
        author=Author.ASSISTANT,
        tier__in=_ANSWERED,
        conversation__assistant_id=assistant.id,
        created_at__gt=datetime.now(UTC) - LATELY,
    ).exclude(conversation__contact__channel=PREVIEW)
    answers = answers.exclude(reason=COURTESY)
    found = []
    for answer in await answers.order_by("-created_at", "id").limit(_RECENT):
        text, whole, _ = await question_behind(answer)
        if text != whole or not SHORTEST <= len(text) <= LONGEST or not is_impersonal(text):
            continue
        asked = Message.filter(conversation_id=answer.conversation_id, author=Author.CUSTOMER, text=text)
        message = next((one for one in await asked if answer_id(one.id) == answer.id), None)
        if message:
            found.append(_Candidate(QuestionSource.CUSTOMER, " ".join(text.split()), message))
    return found


async def _make_room(assistant: Assistant, customers: Sequence[_Candidate]) -> None:
    """Customers' questions of more than a month ago go when there are as many newer ones."""
    old = ShopperQuestion.filter(
        assistant_id=assistant.id,
        source=QuestionSource.CUSTOMER,
        is_off=False,
        created_at__lt=datetime.now(UTC) - LATELY,
    )
    keys = {question_key(one.text) for one in customers}
    known = ShopperQuestion.filter(assistant_id=assistant.id, question_key__in=list(keys))
    newer = len(keys) - await known.count()
    for row in (await old.order_by("created_at", "id"))[:newer]:
        await row.delete()


def _in_turn(*sources: Iterable[_Candidate]) -> list[_Candidate]:
    return [one for turn in zip_longest(*sources) for one in turn if one]


def _is_among(text: str, vector: Vectors, known: Sequence[tuple[str, Vectors]]) -> bool:
    return any(
        float(np.dot(vector, other)) >= ALIKE and difference_between(text, asked, loosely=True) is None
        for asked, other in known
    )
