"""How often topics are told apart, on the questions of topic_questions.txt; and what customers read then."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.app import Core
from core.dialog import answer_message
from core.messages import Incoming, Reply, Tier
from core.models import Assistant, Gap
from core.search.subjects import nearness_to_topics
from core.topics import Limit, off_limits
from core.verified import add_verified_answer
from core.words import language_of
from tests.conftest import MakeAssistant

FILE = Path(__file__).with_name("topic_questions.txt")
LANGUAGES = ("en", "ru")


@dataclass
class Section:
    kind: str
    half: str
    topics: tuple[str, str]
    questions: list[str]

    def asked_in(self, language: str) -> list[str]:
        return [question for question in self.questions if language_of(question) == language]


def sections(kind: str) -> Iterator[Section]:
    for block in FILE.read_text(encoding="utf-8").split("\n## ")[1:]:
        head, *lines = block.splitlines()
        name, _, topics = head.partition(": ")
        one, _, other = topics.partition("|")
        found = Section(*name.split(), (one.strip(), other.strip()), [x for x in lines if x and not x.startswith("#")])
        if found.kind == kind:
            yield found


def _assistant(**policy: Any) -> Assistant:
    return Assistant(name="Rosa", answer_policy=policy)


async def _limits(core: Core, assistant: Assistant, questions: list[str]) -> dict[str, Limit]:
    """The questions that meet a limit."""
    met = {question: await off_limits(core, assistant, question) for question in questions}
    return {question: limit for question, limit in met.items() if limit}


async def test_questions_about_a_forbidden_topic_are_known_in_both_languages(core: Core) -> None:
    missed, asked = list[str](), 0
    for section in sections("forbidden"):
        for topic, language in zip(section.topics, LANGUAGES, strict=True):
            questions = section.asked_in(language)
            assert len(questions) == 8, topic
            asked += len(questions)
            found = await _limits(core, _assistant(forbidden_topics=[topic]), questions)
            missed += [question for question in questions if question not in found]

    assert asked == 12 * 8 * 2
    assert len(missed) <= asked * 0.25, missed


async def test_a_topic_in_one_language_is_known_in_questions_in_the_other(core: Core) -> None:
    missed, asked = list[str](), 0
    for section in sections("forbidden"):
        for topic, language in zip(section.topics[::-1], LANGUAGES, strict=True):
            questions = section.asked_in(language)[:4]
            asked += len(questions)
            found = await _limits(core, _assistant(forbidden_topics=[topic]), questions)
            missed += [question for question in questions if question not in found]

    assert len(missed) <= asked * 0.3, missed


async def test_ordinary_questions_are_hardly_ever_taken_for_a_forbidden_topic(core: Core) -> None:
    """Six topics at once: each of them has its chance to be wrong."""
    wrong, asked = list[str](), 0
    for half in ("chosen", "kept"):
        forbidden = [section.topics for section in sections("forbidden") if section.half == half]
        for at, language in enumerate(LANGUAGES):
            rosa = _assistant(forbidden_topics=[topics[at] for topics in forbidden])
            questions = [
                question
                for section in sections("ordinary")
                if section.half == half
                for question in section.asked_in(language)
            ]
            asked += len(questions)
            wrong += await _limits(core, rosa, questions)

    assert asked > 140
    assert len(wrong) <= asked * 0.03, wrong


async def test_what_is_allowed_passes_and_much_of_the_rest_does_not(core: Core) -> None:
    declined, asked, passed, elsewhere = list[str](), 0, 0, 0
    for section in sections("allowed"):
        for topic, language in zip(section.topics, LANGUAGES, strict=True):
            rosa = _assistant(allowed_topics=[topic])
            asked += len(section.asked_in(language))
            declined += await _limits(core, rosa, section.asked_in(language))
            others = [question for other in sections("forbidden") for question in other.asked_in(language)[:1]]
            elsewhere += len(others)
            passed += len(others) - len(await _limits(core, rosa, others))

    assert len(declined) <= asked * 0.03, declined
    assert passed <= elsewhere * 0.5


async def test_who_asks_for_a_price_does_not_ask_for_those_of_competitors(core: Core) -> None:
    topics = ("competitors' prices", "цены конкурентов", "скидки для сотрудников")
    for question in ("How much is the kettle?", "Сколько стоит чайник?", "Какая цена доставки?", "Есть скидки?"):
        assert max(await nearness_to_topics(core.embedder, question, topics)) == 0.0, question
    assert await nearness_to_topics(core.embedder, "Какая скидка сотрудникам?", topics[2:]) > [2.2]


async def _ask(core: Core, assistant: Assistant, text: str) -> Reply:
    return await answer_message(core, Incoming(assistant.id, "test", f"topics {text}", text))


async def test_a_forbidden_topic_is_declined_kindly_by_the_owners_words(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant(answer_policy={"forbidden_topics": ["politics", "медицинские советы"]})
    said = {
        text: await _ask(core, rosa, text) for text in ("Who will win the elections?", "Что принять от головной боли?")
    }

    assert [reply.tier for reply in said.values()] == [Tier.REFUSED] * 2
    assert [reply.text for reply in said.values()] == [
        "I do not talk about this here: politics. With questions about our business I am glad to help.",
        "На эту тему я здесь не говорю: медицинские советы. А с вопросами о нашей компании помогу с радостью.",
    ]
    assert not await Gap.filter(assistant_id=rosa.id).exists()
    other = await _ask(core, rosa, "За кого голосовать на выборах президента?")
    assert other.text.startswith("На эту тему я здесь не говорю. "), "an English word means nothing to him"


async def test_beside_allowed_topics_greetings_and_the_owners_answers_still_work(
    core: Core, assistant: MakeAssistant
) -> None:
    rosa = await assistant(answer_policy={"allowed_topics": ["tea and teapots"]})
    await add_verified_answer(core, rosa, "Who won the football match?", "We did!")

    assert (await _ask(core, rosa, "Is there life after death?")).text == (
        "That is outside of what I can help with. Ask me about this: tea and teapots."
    )
    assert (await _ask(core, rosa, "hello")).tier is Tier.VERIFIED
    assert (await _ask(core, rosa, "Who won the football match?")).text == "We did!"


async def test_a_forbidden_topic_calls_a_person_where_the_owner_wants_that(
    core: Core, assistant: MakeAssistant
) -> None:
    rosa = await assistant(answer_policy={"forbidden_topics": ["legal advice"], "forbidden_calls_person": True})
    reply = await _ask(core, rosa, "Do I need a lawyer for a divorce?")

    assert reply.tier is Tier.HANDED_OVER
    assert "forbidden" in reply.reason
