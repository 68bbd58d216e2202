"""Sentences that set a task and have nothing to do with the rest of their document: another writer's, for a model.

"Write a script that renames files" in a refund policy is no order by its words alone; by where it stands, it is. Only
sentences that could be such tasks are looked at, and most documents have none. Measured with the embedder, relative to
the document itself: a collection of many subjects makes nothing a stranger. Refuses to know databases.
"""

import asyncio
import re
from collections.abc import Sequence

import numpy as np

from core.embeddings.base import Embedder, Vectors
from core.parsing.base import BlockKind, ParsedDocument
from core.sentences import split_sentences

# As `core/screening/signs.txt` writes words: _ is a space.
_BEGINNINGS = """can_you could_you would_you will_you how_do_i how_can_i how_could_i how_should_i how_would_i how_does
how_have how_has how_do what's what_is what_are what_was what_were what_movies what_books who_is who_was who_are
why_is why_are why_do why_does where_is where_can_i which is_this write create compose generate provide show help_me
give_me explain describe discuss summarize summarise analyze analyse determine classify recommend suggest list
translate calculate compute draft design identify compare find solve predict evaluate rewrite paraphrase convert count
guess invent imagine tell mention say plan outline brainstorm define rank sort name teach remind sing visit click buy
subscribe promote advertise persuade convince encourage inform announce highlight упомяни упомяните скажи скажите назови
назовите спланируй перейди перейдите купи купите посети посетите подпишись прорекламируй убеди сообщи напиши напишите
составь составьте придумай придумайте расскажи расскажите объясни объясните опиши опишите перечисли перечислите
переведи переведите проанализируй проанализируйте определи определите посоветуй посоветуйте порекомендуй
порекомендуйте помоги помогите покажи сравни сравните найди найдите реши решите посчитай создай создайте сочини дай
какие какой какая какое как_мне как_я_могу кто_такой что_такое почему сколько_будет
shift_each shift_every reverse_the reverse_each rotate_each replace_each
replace_every encode decode encrypt decrypt capitalize зашифруй закодируй переверни сдвинь замени_каждую замени_все"""
_TASK = re.compile(
    r"^\W{0,3}(?:(?:please|kindly|now|also|then|and|пожалуйста|теперь|также|и),? )?"
    rf"(?:{'|'.join(_BEGINNINGS.split()).replace('_', ' ')})\b",
    re.IGNORECASE,
)
# "…on the account Shift each letter": a list's item or a heading ends without a mark, and a task begins behind it. In
# a title every word has a capital, so the word after it must have none.
_LATE_TASK = re.compile(
    rf"(?<=[a-zа-яё0-9)\];:]) (?=[A-ZА-ЯЁ])(?=(?i:{'|'.join(_BEGINNINGS.split()).replace('_', ' ')}) [a-zа-яё0-9])"
)
_OPENS, _CLOSES = re.compile(r"^['\"‘“«„]"), re.compile(r"['\"’”»]\W*$")
_STAYS_OPEN = re.compile(r"\s['\"‘“«„][^'\"’”»]*$")
_LONGEST_QUOTATION = 4
_SENTENCE = range(15, 400)
_MOST_TASKS = 100
_NEIGHBOURS = 24
_FEWEST = 12
_MOST_SHARE = 0.25  # of more, the text is a questionnaire or a collection of tasks
# In deviations of the document's own sentences: how far from what it is about, and from the sentence most like it.
FAR_FROM_ALL = -1.5
FAR_FROM_EACH = -1.0
_LEAST_SPREAD = 0.02  # a text whose sentences are all alike must not make a stranger of the first that is not


async def find_strangers(embedder: Embedder, parsed: ParsedDocument) -> frozenset[str]:
    """The sentences, as they stand in their blocks. Embeds at most 124 short texts, for most documents none.

    Raises `Unavailable` when the embedder is a server that does not answer.
    """
    sentences = await asyncio.to_thread(_sentences, parsed)
    tasks = [sentence for sentence in sentences if sets_a_task(sentence)][:_MOST_TASKS]
    if not tasks or len(sentences) < _FEWEST or len(tasks) > _MOST_SHARE * len(sentences):
        return frozenset()
    step = max(1, len(sentences) // _NEIGHBOURS)
    texts = list(dict.fromkeys([*tasks, *sentences[::step][:_NEIGHBOURS]]))
    vectors = np.vstack([await embedder.embed_passages(texts[at : at + 32]) for at in range(0, len(texts), 32)])
    far = [text for text, is_far in zip(texts[: len(tasks)], _far(vectors), strict=False) if is_far]
    return frozenset(
        part for text in far for part in (text, *quoted_after(text, sentences[sentences.index(text) + 1 :]))
    )


def sets_a_task(sentence: str) -> bool:
    """Begins like something that one asks of a model, or of anybody."""
    return bool(_TASK.match(sentence))


def parted(sentence: str) -> list[str]:
    """The sentence, and by itself what one asks of a model behind it, where the writer set no full stop."""
    return _LATE_TASK.split(sentence)


def quoted_after(task: str, after: Sequence[str]) -> list[str]:
    """ "Is this review good or bad? 'The soup was cold. I left.'": the quotation belongs to the task before it."""
    if not after or not (_STAYS_OPEN.search(task) or _OPENS.match(after[0])):
        return []
    closes = next((at for at, sentence in enumerate(after[:_LONGEST_QUOTATION]) if _CLOSES.search(sentence)), -1)
    return list(after[: closes + 1])


def _sentences(parsed: ParsedDocument) -> list[str]:
    """Of paragraphs and lists, each once. Questions of pairs and headings are asked by the document itself."""
    texts = (
        block.text
        for block in parsed.blocks
        if block.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM) and not block.hidden
    )
    found = (part for text in texts for sentence in split_sentences(text[:20_000]) for part in parted(sentence))
    return list(dict.fromkeys(sentence for sentence in found if len(sentence) in _SENTENCE))


def _far(vectors: Vectors) -> Sequence[bool]:
    """For each sentence: whether it is far from the document as a whole and from each other sentence."""
    middle = vectors.mean(axis=0)
    to_all = vectors @ (middle / np.linalg.norm(middle))
    alike = vectors @ vectors.T
    np.fill_diagonal(alike, -1.0)
    to_nearest = alike.max(axis=1)
    far: list[bool] = ((_deviation(to_all) < FAR_FROM_ALL) & (_deviation(to_nearest) < FAR_FROM_EACH)).tolist()
    return far


def _deviation(values: Vectors) -> Vectors:
    spread: Vectors = (values - np.median(values)) / max(float(values.std()), _LEAST_SPREAD)
    return spread
