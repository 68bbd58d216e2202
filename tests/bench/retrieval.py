"""`make bench-retrieval DATA=folder`: does the right passage come first, and does the threshold tell enough from not?

The folder holds XQuAD in parallel languages: `xquad*.en.json` and `xquad*.ru.json`. Prints two tables and, as the last
line, one JSON object. Every third question is asked; passages are the paragraphs of all articles.
"""

import argparse
import asyncio
import json
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import numpy as np

from core.dialog import THRESHOLD
from core.embeddings.openvino import OpenVinoEmbedder, prepare_embedding_model
from core.messages import Passage
from core.retrieval import WORDS_SHARE, judge, overlap_of
from core.words import content_stems

MODEL = Path(".cache/models/multilingual-e5-small")


@dataclass(frozen=True, slots=True)
class Corpus:
    """`questions` are (text, index of the right passage); `article` tells which passages are about one subject."""

    passages: list[str]
    article: list[int]
    questions: list[tuple[str, int]]


def read_corpus(file: Path) -> Corpus:
    passages: list[str] = []
    article: list[int] = []
    questions: list[tuple[str, int]] = []
    for number, entry in enumerate(json.loads(file.read_text(encoding="utf-8"))["data"]):
        for paragraph in entry["paragraphs"]:
            questions += [(qa["question"], len(passages)) for qa in paragraph["qas"]]
            passages.append(paragraph["context"])
            article.append(number)
    return Corpus(passages, article, questions[::3])


async def measure(embedder: OpenVinoEmbedder, asked: Corpus, searched: Corpus) -> dict[str, float]:
    """Shares of questions: right passage first, and sufficient with it (answerable), without it, off the subject."""
    vectors = np.vstack(
        [await embedder.embed_passages(searched.passages[i : i + 16]) for i in range(0, len(searched.passages), 16)]
    )
    article = np.array(searched.article)
    passages = [Passage(uuid4(), uuid4(), "", text, 0.0) for text in searched.passages]
    counts = dict.fromkeys(("cosine", "ordered", "answerable", "near", "far"), 0)
    for question, right in asked.questions:
        cosines = vectors @ await embedder.embed_query(question)
        stems = set(content_stems(question))
        words = np.array([overlap_of(stems, passage) for passage in passages])
        scores = cosines + WORDS_SHARE * words
        counts["cosine"] += int(cosines.argmax()) == right
        counts["ordered"] += int(scores.argmax()) == right
        everywhere = np.arange(len(scores))
        for name, kept in (
            ("answerable", everywhere),
            ("near", everywhere[everywhere != right]),
            ("far", everywhere[article != article[right]]),
        ):
            best = int(kept[scores[kept].argmax()])
            found = replace(passages[best], score=float(scores[best]), cosine=float(cosines[best]))
            counts[name] += judge(question, [found], THRESHOLD, embedder.name).sufficient
    return {name: round(count / len(asked.questions), 3) for name, count in counts.items()}


async def main(folder: Path) -> None:
    await prepare_embedding_model(MODEL, print)
    embedder = await OpenVinoEmbedder.open(MODEL)
    english = read_corpus(next(folder.glob("xquad*.en.json")))
    russian = read_corpus(next(folder.glob("xquad*.ru.json")))
    results = {
        "en": await measure(embedder, english, english),
        "ru": await measure(embedder, russian, russian),
        "ru->en": await measure(embedder, russian, english),
    }
    await embedder.close()
    print(f"{'':8}{'first by cosine':>17}{'first as ordered':>18}{'| passes: answerable':>22}{'near':>7}{'far':>7}")
    for name, shares in results.items():
        print(
            f"{name:8}{shares['cosine']:17}{shares['ordered']:18}{shares['answerable']:22}{shares['near']:7}{shares['far']:7}"
        )
    print(json.dumps(results))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    asyncio.run(main(parser.parse_args().folder))
