"""Which index of an assistant answers, and how texts come into it.

Whoever reads a document calls `index_texts`, whoever is asked calls `answering_index`. Ordinarily there is one index,
the present embedding model's. After a change of the model there are two for a while (core/reindexing.py): the earlier
one answers until the present one is complete, and what is indexed meanwhile goes into both. Refuses to know documents.

    entries = [Searchable(key, searchable_text(draft.heading, draft.text), draft.question) for key, draft in …]
    await index_texts(core, assistant_id, entries, told)      # embeds, stores, flushes once
    index = await answering_index(core, assistant_id)
    vector = await index.embed_query(question)                # None: words alone
    hits = await core.vectors.search(assistant_id, vector, terms, limit, model=index.model)
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from core.app import Core
from core.embeddings.base import Embedder, Vectors
from core.embeddings.batches import embed_all
from core.embeddings.embedders import index_named
from core.entries import Entry, Kind, dimension_of, placeholder, question_entry_id
from core.errors import Unavailable
from core.models import Assistant
from core.search.meanings import meaning_of_question
from core.words import terms_of

log = logging.getLogger(__name__)
Told = Callable[[int], Awaitable[None]]
"""Hears how many of the given texts are embedded and stored. What it raises ends the indexing."""


@dataclass(frozen=True, slots=True)
class Searchable:
    """A passage as it is searched; the question of an FAQ pair, if there is one, is searched by itself, too."""

    id: UUID
    text: str
    question: str = ""


@dataclass(frozen=True, slots=True)
class AnsweringIndex:
    """`model` is for `VectorStore.search`; `embedder` is None when the index answers by words alone."""

    model: str
    embedder: Embedder | None
    is_present: bool = True

    async def embed_query(self, text: str) -> Vectors | None:
        """None: the earlier model is not at hand, words alone answer. Raises `Unavailable` for the present one."""
        if self.embedder is None:
            return None
        try:
            return await meaning_of_question(self.embedder, text)
        except Unavailable:
            if self.is_present:
                raise
            return None


async def answering_index(core: Core, assistant_id: UUID) -> AnsweringIndex:
    """The present model's index, or the earlier one's while that is being replaced."""
    present = AnsweringIndex(core.vectors.present, core.embedder)
    if assistant_id in core.vectors.settled:
        return present
    remembered = await _remembered(assistant_id)
    if remembered and index_named(remembered) != core.vectors.present:
        return AnsweringIndex(index_named(remembered), await core.embedder.earlier(remembered), is_present=False)
    if remembered:
        core.vectors.settled.add(assistant_id)
    return present


async def index_texts(
    core: Core, assistant_id: UUID, texts: Sequence[Searchable], told: Told | None = None, *, are_new: bool = True
) -> None:
    """Embed and store passages, then flush once. Safe to repeat. Raises `Unavailable`.

    Nothing shows before the passages' rows are in SQL: whoever gives up in between should `forget` the ids. Passages
    that are not new have their place in the earlier index, if there is one.
    """
    if not texts:
        return
    parts = _parts(texts)
    waiting = [1 + bool(item.question) for item in texts]
    answering = await answering_index(core, assistant_id)
    both = are_new and not answering.is_present

    async def store(places: Sequence[int], vectors: Vectors) -> None:
        chosen = [parts[place] for place in places]
        entries = await asyncio.to_thread(_entries, chosen, vectors)
        await core.vectors.put(assistant_id, entries)
        if both:
            await _put_into_earlier(core, assistant_id, answering, entries, [part.text for part in chosen])
        for part in chosen:
            waiting[part.row] -= 1
        if told:
            await told(waiting.count(0))

    await embed_all(core.embedder, [part.text for part in parts], store)
    await core.vectors.flush(assistant_id)
    if both:
        await _flush_earlier(core, assistant_id, answering)
    await remember_index(core, assistant_id)


async def index_questions(core: Core, assistant_id: UUID, questions: Mapping[UUID, str], kind: Kind) -> None:
    """Make questions findable, by their entries' ids: of the owner's answers ("verified"), or unanswered ("gap").

    Raises `Unavailable`.
    """
    texts = list(questions.values())
    entries = [
        Entry(key, await core.embedder.embed_query(text), terms_of(text), kind) for key, text in questions.items()
    ]
    await core.vectors.index(assistant_id, entries)
    answering = await answering_index(core, assistant_id)
    if not answering.is_present:
        await _put_into_earlier(core, assistant_id, answering, entries, texts)
        await _flush_earlier(core, assistant_id, answering)
    await remember_index(core, assistant_id)


@dataclass(frozen=True, slots=True)
class _Part:
    """One text that becomes one entry; `row` is the passage it came from."""

    row: int
    id: UUID
    kind: Kind
    text: str


def _parts(texts: Sequence[Searchable]) -> list[_Part]:
    parts = [_Part(row, item.id, "passage", item.text) for row, item in enumerate(texts)]
    return parts + [
        _Part(row, question_entry_id(item.id), "question", item.question)
        for row, item in enumerate(texts)
        if item.question
    ]


def _entries(parts: Sequence[_Part], vectors: Vectors) -> list[Entry]:
    return [Entry(part.id, vector, terms_of(part.text), part.kind) for part, vector in zip(parts, vectors, strict=True)]


async def _put_into_earlier(
    core: Core, assistant_id: UUID, index: AnsweringIndex, entries: Sequence[Entry], texts: Sequence[str]
) -> None:
    """What is new shall be found at once, too. Without the earlier model only its words find it."""
    if not await core.vectors.has(assistant_id, model=index.model):
        return
    vectors: Sequence[Vectors] = [placeholder(dimension_of(index.model))] * len(entries)
    try:
        if index.embedder and entries[0].kind in ("verified", "gap"):
            vectors = [await index.embedder.embed_query(text) for text in texts]
        elif index.embedder:
            vectors = list(await index.embedder.embed_passages(texts))
        earlier = [replace(entry, vector=vector) for entry, vector in zip(entries, vectors, strict=True)]
        await core.vectors.put(assistant_id, earlier, model=index.model)
    except Unavailable as error:  # it is in the new index, which answers soon
        log.warning("assistant %s: the earlier index misses %s entries: %s", assistant_id, len(entries), error)


async def _flush_earlier(core: Core, assistant_id: UUID, index: AnsweringIndex) -> None:
    if await core.vectors.has(assistant_id, model=index.model):
        await core.vectors.flush(assistant_id, model=index.model)


async def rewrite_index(core: Core, assistant_id: UUID) -> None:
    """Milvus Lite keeps in its files what was forgotten, for long: write all that is left anew, in seconds.

    A server tidies its files itself. Killed in the middle, tidying makes what is missing. Raises `Unavailable`.
    """
    if core.vectors.is_file and (await answering_index(core, assistant_id)).is_present:
        entries = await core.vectors.contents(assistant_id)
        await core.vectors.drop(assistant_id)
        if entries:
            await core.vectors.index(assistant_id, entries)


async def remember_index(core: Core, assistant_id: UUID) -> None:
    """From now on a change of the model is noticed."""
    await Assistant.filter(id=assistant_id, index_model="").update(index_model=core.embedder.remembered)


async def _remembered(assistant_id: UUID) -> str:
    found = await Assistant.filter(id=assistant_id).values_list("index_model", flat=True)
    return str(found[0]) if found else ""
