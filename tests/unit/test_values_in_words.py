"""The value of a setting that an owner says together with his wish."""

import pytest

from core.policy import Length
from core.values_in_words import hours_said, length_wanted, tone_example_in, topic_to_avoid


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("don't talk about politics", "politics"),
        ("Please do not answer questions about medicine.", "medicine"),
        ("never discuss prices of competitors", "prices of competitors"),
        ("the assistant should not mention religion please", "religion"),
        ("ban the topic of religion", "religion"),
        ("no talk about football", "football"),
        ("не говори о политике", "политике"),
        ("не отвечай на вопросы про медицину, пожалуйста", "медицину"),
        ("ассистент не должен обсуждать конкурентов", "конкурентов"),
        ("пусть не болтает о погоде", "погоде"),
        ("запрети тему религии", "религии"),
        ("forbid some topics", None),
        ("don't talk so much", None),
        ("don't talk to customers rudely", None),
        ("не говори так много", None),
        ("не говори с клиентами грубо", None),
        ("talk about politics", None),
        ("topics", None),
        ("", None),
        ("don't talk about " + "x" * 200, None),
    ],
)
def test_a_topic_is_taken_from_his_words(text: str, topic: str | None) -> None:
    assert topic_to_avoid(text) == topic


@pytest.mark.parametrize(
    ("text", "now", "wanted"),
    [
        ("answer shorter", Length.LONG, Length.MEDIUM),
        ("answer shorter", Length.MEDIUM, Length.SHORT),
        ("answer shorter", Length.SHORT, Length.SHORT),
        ("answer longer", Length.SHORT, Length.MEDIUM),
        ("more detailed answers please", Length.MEDIUM, Length.LONG),
        ("the answers are too short", Length.SHORT, Length.MEDIUM),
        ("don't answer so long", Length.LONG, Length.MEDIUM),
        ("отвечай короче", Length.MEDIUM, Length.SHORT),
        ("отвечай подробнее", Length.MEDIUM, Length.LONG),
        ("ответы слишком длинные", Length.LONG, Length.MEDIUM),
        ("не отвечай так подробно", Length.LONG, Length.MEDIUM),
        ("change the length of answers", Length.MEDIUM, None),
        ("измени длину ответов", Length.MEDIUM, None),
    ],
)
def test_shorter_and_longer_are_one_step(text: str, now: Length, wanted: Length | None) -> None:
    assert length_wanted(text, now) == wanted


@pytest.mark.parametrize(
    ("text", "example"),
    [
        ("write like this: Hi there! Your roses are on their way 🌹", "Hi there! Your roses are on their way 🌹"),
        ("Answer customers like this:\nGood day.\nWe deliver daily.", "Good day.\nWe deliver daily."),
        ("пиши вот так: Приветик! Розы едут.", "Приветик! Розы едут."),
        ("Отвечай в таком стиле — Добрый день!", "Добрый день!"),
        ("write like this", ""),
        ("пиши так…", ""),
        ("write more like this", None),
        ("answer like this person wants", None),
        ("How do I write to you?", None),
        ("", None),
    ],
)
def test_an_example_to_write_by_is_taken_whole(text: str, example: str | None) -> None:
    assert tone_example_in(text) == example


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("our hours are Mon–Fri 9 to 18", "are Mon–Fri 9 to 18"),
        ("We are open Mon–Fri 9 to 18.", "Mon–Fri 9 to 18"),
        ("set the working hours", ""),
        ("мы работаем пн-пт с 9 до 18", "пн-пт с 9 до 18"),
        ("наши часы работы: пн-пт 9-18", "пн-пт 9-18"),
        ("поменяй часы работы", ""),
        ("working hours", None),
        ("часы работы", None),
        ("Are you open on Sunday?", None),
        ("We are open on Sunday?", None),
        ("How much is a rose", None),
    ],
)
def test_hours_are_told_from_questions_about_them(text: str, said: str | None) -> None:
    assert hours_said(text) == said
