"""The demo's shop: its files are what its sources say, and they answer the questions that we ask about them."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from core import demo
from core.chunking import PassageDraft, cut_passages
from core.demo import DEMO_DOCUMENTS, DEMO_QUESTIONS, DemoQuestion, documents_in
from core.parsing.base import BlockKind, ParsedDocument
from core.parsing.read import read_document

SOURCES = Path(demo.__file__).parent / "sources"


def count_words(texts: Sequence[str]) -> list[int]:
    return [len(re.findall(r"\w+|[^\w\s]", text)) for text in texts]


@pytest.fixture(scope="module")
def documents() -> dict[Path, ParsedDocument]:
    return {path: read_document(path, path.name) for path in DEMO_DOCUMENTS}


@pytest.fixture(scope="module")
def passages(documents: dict[Path, ParsedDocument]) -> dict[str, list[PassageDraft]]:
    return {
        locale: [part for path in documents_in(locale) for part in cut_passages(documents[path], count_words)]
        for locale in ("en", "ru")
    }


def test_the_shop_has_three_documents_in_each_language_and_forty_questions() -> None:
    assert [path.suffix for path in DEMO_DOCUMENTS] == [".pdf", ".docx", ".txt"] * 2
    assert [question.locale for question in DEMO_QUESTIONS] == ["en"] * 20 + ["ru"] * 20


@pytest.mark.parametrize("question", DEMO_QUESTIONS, ids=lambda question: question.question)
def test_a_passage_answers_the_question(question: DemoQuestion, passages: dict[str, list[PassageDraft]]) -> None:
    assert any(
        all(words in f"{passage.heading}\n{passage.text}" for words in question.words)
        for passage in passages[question.locale]
    )


@pytest.mark.parametrize("source", sorted(SOURCES.glob("*.md")), ids=lambda path: path.stem)
def test_a_built_file_says_what_its_source_says(source: Path, documents: dict[Path, ParsedDocument]) -> None:
    """Fails when somebody edits a source and forgets `python -m core.demo.build`."""
    (built,) = [document for path, document in documents.items() if path.stem == source.stem]
    words = re.findall(r"\w+", source.read_text(encoding="utf-8"))
    assert set(words) == set(re.findall(r"\w+", " ".join(block.text for block in built.blocks)))
    headings = re.findall(r"^#+ (.*)$", source.read_text(encoding="utf-8"), re.MULTILINE)
    assert [block.text for block in built.blocks if block.kind is BlockKind.HEADING] == headings
    assert built.title == headings[0]
