"""SQuAD-format files as assistants of the real product: every paragraph a passage, every question a query.

Paragraphs go in as a reader of documents would leave them (a document per article, a row and a vector per paragraph),
so that search is the product's own from the question on. Refuses to know what is measured.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np

from core.app import Core
from core.assistant_index import remember_index
from core.assistants import create_assistant
from core.embeddings.base import Vectors
from core.entries import Entry
from core.indexing import searchable_text
from core.models import Assistant, Document, DocumentStatus, PassageRow
from core.tenancy import Actor
from core.words import language_of, terms_of

AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Question:
    """`right` is the place of its paragraph, `answers` what is expected in it."""

    text: str
    right: int


@dataclass(frozen=True, slots=True)
class Corpus:
    """All files of one language; `article[i]` tells which paragraphs are about one subject."""

    language: str
    paragraphs: list[str]
    article: list[int]
    questions: list[Question]


def read_folder(folder: Path) -> dict[str, Corpus]:
    """Language -> corpus, of all SQuAD-format files: `name.ru.json` and `name.en.json` are parallel.

    A file without a language in its name has that of its first paragraph. Questions that have no answer are left out.
    """
    corpora: dict[str, Corpus] = {}
    for file in sorted(folder.glob("*.json")):
        articles = json.loads(file.read_text(encoding="utf-8"))["data"]
        named = file.name.split(".")[-2]
        language = named if named in {"en", "ru"} else language_of(articles[0]["paragraphs"][0]["context"])
        corpus = corpora.setdefault(language, Corpus(language, [], [], []))
        for article in articles:
            number = corpus.article[-1] + 1 if corpus.article else 0
            for paragraph in article["paragraphs"]:
                right = len(corpus.paragraphs)
                asked = [one for one in paragraph["qas"] if not one.get("is_impossible")]
                corpus.questions.extend(Question(one["question"], right) for one in asked)
                corpus.paragraphs.append(paragraph["context"])
                corpus.article.append(number)
    return corpora


def are_parallel(one: Corpus, other: Corpus) -> bool:
    """Whether the same places hold the same paragraphs."""
    return one.article == other.article


async def embed(core: Core, texts: Sequence[str]) -> Vectors:
    parts = [await core.embedder.embed_passages(texts[at : at + AT_ONCE]) for at in range(0, len(texts), AT_ONCE)]
    return np.vstack(parts)


@dataclass(frozen=True, slots=True)
class Shelf:
    """An assistant that knows paragraphs; `ids[i]` is the passage of the i-th, None where it was left out."""

    assistant: Assistant
    ids: list[UUID | None]

    @property
    def places(self) -> dict[UUID, int]:
        return {key: at for at, key in enumerate(self.ids) if key}


async def fill(
    core: Core,
    actor: Actor,
    name: str,
    paragraphs: Sequence[str],
    article: Sequence[int],
    vectors: Vectors,
    keep: Sequence[bool] | None = None,
) -> Shelf:
    """A new assistant that knows the paragraphs, or those of them that `keep` says."""
    assistant = await create_assistant(core, actor, name)
    ids: list[UUID | None] = [None] * len(paragraphs)
    by_article: dict[int, list[int]] = defaultdict(list)
    for at, number in enumerate(article):
        if keep is None or keep[at]:
            by_article[number].append(at)
    entries = []
    for number, places in by_article.items():
        document = await Document.create(
            assistant=assistant,
            filename=f"{number}.txt",
            title=str(number),
            content_hash=uuid4().hex,
            status=DocumentStatus.INDEXED,
            passage_count=len(places),
        )
        rows = [
            PassageRow(
                document=document,
                assistant=assistant,
                chunk_index=index,
                text=paragraphs[at],
                content_hash=uuid4().hex,
            )
            for index, at in enumerate(places)
        ]
        await PassageRow.bulk_create(rows, batch_size=200)
        for at, row in zip(places, rows, strict=True):
            ids[at] = row.id
            entries.append(Entry(row.id, vectors[at], terms_of(searchable_text("", paragraphs[at]))))
    await core.vectors.index(assistant.id, entries)
    await remember_index(core, assistant.id)
    return Shelf(assistant, ids)
