"""Small talk is told from questions: in both languages, misspelt and drawn out, and never at a question's price."""

import csv
from pathlib import Path

import pytest

from core.demo.questions import DEMO_QUESTIONS
from core.small_talk import small_talk_in
from core.small_talk_lists import FILE, Kind, lists

ENGLISH = {
    Kind.HELLO: ("hey there", "helo", "Good mornig!", "hiii", "hello my friend", "Hi Rosa", "hello, everyone"),
    Kind.HOW: (
        "how are you doing today?",
        "Hi Rosa, how's it going?",
        "what's up",
        "hey, how r u??",
        "and how was your day",
    ),
    Kind.WHO: ("who am I chatting with?", "What's your name?", "and who are you?", "who r u"),
    Kind.ROBOT: ("are you a bot or a human?", "Am I talking to a real person?", "is this an AI?", "so you're a robot?"),
    Kind.ABILITY: ("what can u help me with?", "What kind of questions can I ask you?", "What else can you do?"),
    Kind.THANKS: (
        "thank you so much for your help!",
        "thnks",
        "Thanks a million, you've been very helpful",
        "no thanks",
    ),
    Kind.BYE: ("bye bye", "see you later!", "have a great day", "ok thats all for now, bye"),
    Kind.OK: ("okay, understood", "undrstood", "alright then", "fair enough", "hmm ok", "I'll think about it"),
    Kind.SORRY: ("oops, my bad", "sorry for bothering you", "sory"),
    Kind.COMPLIMENT: ("you are awesome", "what a nice bot", "wow, coooool", "great job!"),
    Kind.LAUGHTER: ("hahaha", "lol", "haha that's so funny"),
    Kind.TEST: ("test", "just testing the bot"),
    Kind.IMPATIENCE: ("hello??", "anyone there?", "Are you still there?", "why don't you answer?"),
    Kind.HELP: ("can I ask you a question?", "I have a quick question for you", "help me please"),
    Kind.ASIDE: ("tell me a funny joke", "are you married?"),
    Kind.WISHES: ("happy new year to you all!",),
}
RUSSIAN = {
    Kind.HELLO: (
        "првиет",
        "здравствуте",
        "Доброго времени суток!",
        "добрый вечер, уважаемые",
        "приветик",
        "Привееет, Роза!",
    ),
    Kind.HOW: ("привет, как дела?", "как сам", "здравствуйте, как ваше настроение сегодня?"),
    Kind.WHO: ("а с кем я разговариваю?", "как тебя зовут", "Как к вам обращаться?", "вы вообще кто такие"),
    Kind.ROBOT: ("ты бот или человек?", "вы живой человек?", "я с роботом общаюсь?", "мне отвечает бот?"),
    Kind.ABILITY: ("что ты умеешь?", "о чём тебя можно спросить?", "а чем вы можете мне помочь"),
    Kind.THANKS: (
        "спасибо большое за ответ!",
        "спосибо",
        "Спасибо, вы очень помогли",
        "нет, спасибо",
        "блогодарю, спасибо",
    ),
    Kind.BYE: ("пока-пока", "хорошего дня!", "ну всё, пока", "это всё, что я хотел узнать", "до свиданья"),
    Kind.OK: ("понятно, ясно", "ладно, я подумаю", "ага, понял вас", "панятно", "буду знать"),
    Kind.SORRY: ("простите за беспокойство", "ой, не туда написал", "извените пожалуйста"),
    Kind.COMPLIMENT: ("ты молодец", "какой умный бот", "вау, круто", "мне очень понравилось"),
    Kind.LAUGHTER: ("ахахаха", "хаха, смешно"),
    Kind.TEST: ("тест", "просто проверяю"),
    Kind.IMPATIENCE: ("алло?", "есть тут кто?", "почему вы молчите?", "кто-нибудь есть?", "Привет?"),
    Kind.HELP: ("можно вопрос?", "у меня есть вопрос", "вы можете мне помочь?"),
    Kind.ASIDE: ("расскажи анекдот", "мне скучно"),
    Kind.WISHES: ("с наступающим новым годом вас!",),
}
WORDLESS = {
    Kind.EMOJI: ("👍", "🙏🙏🙏", ":)", "😂" * 4000, "))) ❤️"),
    Kind.NOTHING: ("", "   ", "?!?", "...", "\u200b\u200d\ufeff", "\x00\x01\x07", "-" * 5000),
}
QUESTIONS = """Hi, do you deliver?|thanks, and the price?|Are you open?|what do you offer|Is it good?
Do you have a good tea?|What is this?|How does it work?|Can you help me with my order?|Can I ask for a refund?
Who made this kettle?|hello, price?|Good day pass|ok, and delivery?|Is anyone there on Sunday?|Can I talk to a human?
call a manager please|Is it ok to wash it?|thanks but I asked about the warranty|ok so how long|test kit|cool water?
Are you a family business?|best price|yes|no|how are you different from others|What can I do if it is broken?
Hi, today?|Where are you?|Hello, Rosa tea?|Pool?|Tanks|What is up with my order?|Is delivery good?|how do you work
I am waiting for my parcel|Sorry, how much?|thanks, the time?|Привет, вы доставляете?|спасибо, а цена?
спасибо, а время|Вы работаете?|Чем вы занимаетесь?|Как вы работаете?|а завтра?|Здравствуйте, а сегодня?
что посоветуете|Где вы?|есть тест?|проверка чайника|хорошо, а доставка?|Как ваш адрес?|да|нет|позовите человека
живой человек есть?|Можно задать вопрос про доставку?|у меня вопрос по заказу|извините, а сколько?|долго ждать заказ?
понятно, а гарантия?|есть хороший чай?|как дела с заказом|что нового из чая?|Это точно чай?|а у вас?
с новым годом вы работаете?|помогите выбрать чайник|что это?|ладно, беру|это настоящий чай?|как с вами связаться
Привез|Это бот для заказа?|почему так дорого|нет ответа на письмо|Какой чай лучший?|круто, где купить?
приём во сколько"""


def _said(phrases: dict[Kind, tuple[str, ...]]) -> list[tuple[str, Kind]]:
    return [(text, kind) for kind, texts in phrases.items() for text in texts]


@pytest.mark.parametrize("phrases", [ENGLISH, RUSSIAN, WORDLESS], ids=["en", "ru", "wordless"])
def test_small_talk_is_recognised_in_many_wordings(phrases: dict[Kind, tuple[str, ...]]) -> None:
    name = "Роза" if phrases is RUSSIAN else "Rosa"

    assert {text[:40]: small_talk_in(text, name) for text, _ in _said(phrases)} == {
        text[:40]: kind for text, kind in _said(phrases)
    }


@pytest.mark.parametrize("phrases", [ENGLISH, RUSSIAN], ids=["en", "ru"])
def test_most_wordings_of_these_tests_are_not_in_the_list(phrases: dict[Kind, tuple[str, ...]]) -> None:
    lines = FILE.read_text("utf-8").splitlines()
    written = {phrase.strip(" =~") for line in lines for phrase in line.partition(": ")[2].split(",")}
    texts = [text for text, _ in _said(phrases)]
    listed = [text for text in texts if text.lower().strip("!?. ") in written]

    assert len(texts) >= 40
    assert len(listed) <= len(texts) / 2


def test_a_question_is_never_taken_for_small_talk() -> None:
    asked = [text for line in QUESTIONS.splitlines() for text in line.split("|")]
    asked += [question.question for question in DEMO_QUESTIONS]
    with (Path(__file__).parent / "question_pairs.tsv").open(encoding="utf-8") as file:
        asked += [text for row in csv.reader(file, delimiter="\t") for text in row if "?" in text]

    assert len(asked) > 400
    assert {text: kind for text in asked if (kind := small_talk_in(text, "Rosa"))} == {}


def test_what_is_wished_or_complained_about_is_no_small_talk() -> None:
    said = """not a bot, a human!|thanks for nothing|not ok|it is not ok|not good|I need a human|not helpful
that is not what I asked|Is there a real person here?|you are not helping|bad bot|no bots please|not funny|not cool
не бот, а человек|мне не отвечает человек|вы не помогли|вы мне не помогли, спасибо|не смешно|не понятно|не хорошо
живой человек нужен|мне нужен человек|дайте человека|не супер|это не полезно|с человеком можно поговорить|плохой бот"""
    said = said.replace("\n", "|")

    assert {text: kind for text in said.split("|") if (kind := small_talk_in(text, "Rosa"))} == {}


def test_the_assistants_name_may_be_said_and_asked_for() -> None:
    assert small_talk_in("Thanks, copper kettle!", "Copper Kettle") is Kind.THANKS
    assert small_talk_in("Hi copper kettle, how are you?", "Copper Kettle") is Kind.HOW
    assert small_talk_in("Hi, copper kettle?", "Copper Kettle") is None
    assert small_talk_in("copper kettle", "Copper Kettle") is None


def test_every_kind_that_words_make_has_phrases_in_both_languages() -> None:
    for kind in set(Kind) - {Kind.EMOJI, Kind.NOTHING}:
        words = {
            word for phrase in lists().phrases if phrase.kind is kind for place in phrase.places for word in place.exact
        }
        assert any(word.isascii() for word in words), kind
        assert any(not word.isascii() for word in words), kind
