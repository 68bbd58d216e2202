"""`make bench-retrieval DATA=folder`: does the right passage come first, is "not in these documents" seen, how fast?

The folder holds SQuAD-format files; `name.ru.json` and `name.en.json` are parallel. All paragraphs of one language are
one assistant of the product, searched and judged by its own code. Prints tables; the last line is one JSON object.

- dense: by cosine alone, for comparison.
- falsely refused: the paragraph is there, and the product says that it does not know.
- refused: the question's whole article is not there (an assistant knows half of the articles).
- near: only the question's paragraph is not there, others of its article are. How many of them pass for answered.

The JSON's `refused` and `falsely_refused` are over all questions asked in the documents' own language.
`--skip-latency` leaves the web server out, `--every N` asks every N-th question, `--hyde` searches with HYDE=true,
`--reranker NAME` with RERANKER_MODEL.
"""

import argparse
import asyncio
import json
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

from core.app import Core, open_core
from core.first_start import ensure_first_owner
from core.models import Assistant, User
from core.retrieval import Search, judged, look_up, search_documents
from core.search.sufficiency import threshold_of
from core.settings import Settings
from core.tenancy import Actor, actor_of
from tests.bench.search_latency import SIZES, fill_sizes, search_latency
from tests.bench.squad import Corpus, Question, Shelf, are_parallel, embed, fill, read_folder
from tests.journeys.product import OWNER, PASSWORD
from tests.subprocesses import ROOT

DEEP = 10


@dataclass
class Ranks:
    """Where the right passage came, 1 for first; 0 for not among the first ten."""

    ranks: list[int] = field(default_factory=list)

    def within(self, most: int) -> float:
        return float(np.mean([0 < rank <= most for rank in self.ranks]))

    @property
    def mrr(self) -> float:
        return float(np.mean([1 / rank if rank else 0.0 for rank in self.ranks]))


@dataclass
class Figures:
    """One pair of languages. Shares of questions."""

    name: str
    found: Ranks = field(default_factory=Ranks)
    dense: Ranks = field(default_factory=Ranks)
    falsely_refused: list[bool] = field(default_factory=list)
    refused: list[bool] = field(default_factory=list)
    near_passed: list[bool] = field(default_factory=list)

    def line(self) -> str:
        shares = [self.dense.within(1), self.dense.within(5), self.dense.mrr]
        shares += [self.found.within(1), self.found.within(5), self.found.mrr]
        shares += [float(np.mean(one)) for one in (self.falsely_refused, self.refused, self.near_passed)]
        return f"{self.name:8}" + "".join(f"{share:9.3f}" for share in shares) + f"{len(self.refused):10}"


HEAD = f"{'':8}" + "".join(
    f"{title:>9}"
    for title in ("dense@1", "dense@5", "MRR", "R@1", "R@5", "MRR", "f.refus.", "refused", "near", "questions")
)


@dataclass(frozen=True, slots=True)
class Library:
    """One language: an assistant with everything, and two with every other article each."""

    whole: Shelf
    halves: tuple[Shelf, Shelf]
    article: list[int]

    def without(self, question: Question) -> Shelf:
        """The assistant that knows nothing of the question's article."""
        return self.halves[1 - self.article[question.right] % 2]


async def measure(core: Core, name: str, questions: list[Question], library: Library) -> Figures:
    figures = Figures(name)
    places = library.whole.places
    for question in questions:
        assistant = library.whole.assistant
        found = await look_up(core, assistant.id, question.text, DEEP)
        figures.found.ranks.append(_rank([places[passage.id] for passage in found.passages], question.right))
        hits = await core.vectors.search(assistant.id, found.vector, "", DEEP)
        by_cosine = [places[hit.id] for hit in sorted(hits, key=lambda hit: hit.cosine or 0.0, reverse=True)]
        figures.dense.ranks.append(_rank(by_cosine, question.right))
        figures.falsely_refused.append(not await _is_enough(found, assistant))
        right = library.whole.ids[question.right]
        others = [passage for passage in found.passages if passage.id != right]
        figures.near_passed.append(await _is_enough(replace(found, passages=others), assistant))
        elsewhere = library.without(question).assistant
        figures.refused.append(not (await search_documents(core, elsewhere, question.text)).sufficient)
    return figures


async def _is_enough(found: Search, assistant: Assistant) -> bool:
    needed = threshold_of(assistant)
    return (await judged(found, needed)).sufficient


def _rank(found: list[int], right: int) -> int:
    return found.index(right) + 1 if right in found else 0


async def build(core: Core, actor: Actor, corpus: Corpus) -> Library:
    vectors = await embed(core, corpus.paragraphs)
    shelves = [
        await fill(core, actor, f"{corpus.language} {name}", corpus.paragraphs, corpus.article, vectors, keep)
        for name, keep in (
            ("all", None),
            ("even", [number % 2 == 0 for number in corpus.article]),
            ("odd", [number % 2 == 1 for number in corpus.article]),
        )
    ]
    return Library(shelves[0], (shelves[1], shelves[2]), corpus.article)


async def quality(core: Core, actor: Actor, corpora: dict[str, Corpus], every: int) -> list[Figures]:
    libraries = {language: await build(core, actor, corpus) for language, corpus in corpora.items()}
    figures = [
        await measure(core, f"{language}->{language}", corpora[language].questions[::every], libraries[language])
        for language in sorted(corpora, reverse=True)
    ]
    if {"en", "ru"} <= corpora.keys() and are_parallel(corpora["ru"], corpora["en"]):
        figures.append(await measure(core, "ru->en", corpora["ru"].questions[::every], libraries["en"]))
    return figures


def as_json(figures: list[Figures]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for one in figures:
        asked, _, searched = one.name.partition("->")
        name = asked if asked == searched else f"{asked}_{searched}"
        shares = {"r1": one.found.within(1), "r5": one.found.within(5), "mrr": one.found.mrr}
        told |= {f"{name}_{key}": round(share, 4) for key, share in shares.items()}
    own = [one for one in figures if len(set(one.name.split("->"))) == 1]
    for key in ("refused", "falsely_refused"):
        told[key] = round(float(np.mean([share for one in own for share in getattr(one, key)])), 4)
    return told


async def prepare(data: Path, folder: Path, chosen: argparse.Namespace) -> tuple[dict[str, Any], dict[int, UUID]]:
    """Measure quality and fill the assistants whose search is timed: (figures, number of passages -> assistant)."""
    switches = {"hyde": chosen.hyde, "reranker_model": chosen.reranker}
    settings = Settings(
        _env_file=None,
        data_dir=folder / "var",
        models_dir=ROOT / ".cache" / "models",
        demo=False,
        owner_email=OWNER,
        owner_password=PASSWORD,
        **{name: value for name, value in switches.items() if value},
    )
    corpora = await asyncio.to_thread(read_folder, data)
    async with open_core(settings, say=print) as core:
        await ensure_first_owner(core)
        actor = await actor_of((await User.get(email=OWNER)).id)
        figures = await quality(core, actor, corpora, chosen.every)
        print(HEAD, *(one.line() for one in figures), sep="\n", flush=True)
        return as_json(figures), {} if chosen.skip_latency else await fill_sizes(core, actor, corpora)


def prepare_apart(data: Path, folder: Path, chosen: argparse.Namespace) -> tuple[dict[str, Any], dict[int, UUID]]:
    """In a process of its own: Milvus Lite's file belongs to one process until that ends."""
    return asyncio.run(prepare(data, folder, chosen))


def main(data: Path, folder: Path, chosen: argparse.Namespace) -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        told, shelves = apart.submit(prepare_apart, data, folder, chosen).result()
    if shelves:
        latencies = asyncio.run(search_latency(folder, shelves, read_folder(data)))
        told |= {"search_ms_p50": latencies[SIZES[0]].p50, f"search_ms_p50_{SIZES[1]}": latencies[SIZES[1]].p50}
    print(json.dumps(told))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--skip-latency", action="store_true")
    parser.add_argument("--every", type=int, default=1, help="ask every N-th question only")
    parser.add_argument("--hyde", action="store_true")
    parser.add_argument("--reranker", default="")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        main(arguments.folder, Path(temporary), arguments)
