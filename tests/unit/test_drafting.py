"""What is made of a business's own words: a name, a greeting, and the questions that its customers may ask."""

from uuid import UUID, uuid4

import pytest

from core.drafting.candidates import Candidate, Rank, Told, candidates_of, fairly
from core.drafting.profile import Source, name_in, name_told, profile_of, topics_in
from core.drafting.telling import Telling, Word, telling_in, word_in
from core.texts import Texts

SAY = Texts().say


def _told(text: str, heading: str = "", question: str = "", title: str = "", document: UUID | None = None) -> Told:
    return Told(uuid4(), document or uuid4(), title, heading, text, question)


def _questions(passage: Told, *ranks: Rank) -> list[str]:
    return [one.question for one in candidates_of(passage, SAY) if not ranks or one.rank in ranks]


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("We are open Tuesday to Friday from 10:00 to 19:00.", ["When are you open?"]),
        ("Пн–Пт: 9:00–18:00, сб и вс — выходной.", ["Когда вы работаете?"]),
        ("Мы работаем ежедневно с девяти до шести, кроме вторника.", ["Когда вы работаете?"]),
        ("Telephone: +353 20 912 0142, Tuesday to Saturday from 10:00 to 17:00.", ["How can I contact you?"]),
        ("Телефон: +7 495 123-45-67.", ["Как с вами связаться?"]),
        ("Адрес: улица Мельничная, 12.", ["Где вы находитесь?"]),
        ("Доставка стоит 300 рублей и занимает 1–2 дня.", ["Сколько стоит доставка?", "Сколько идёт доставка?"]),
        ("Shipping is free from €60.", ["How much is delivery?"]),
        ("You can pay by card or in cash.", ["How can I pay?"]),
        ("You may return anything unused within 30 days.", ["Can I return what I bought?"]),
        ("На все часы гарантия 2 года.", ["Какая у вас гарантия?"]),
        ("We love what we do and do it well.", []),
        ("Do you deliver on Sundays for €5?", []),
    ],
)  # fmt: skip
def test_a_fact_that_every_business_is_asked_for_makes_its_question(text: str, questions: list[str]) -> None:
    assert _questions(_told(text), Rank.FACT) == questions


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("A new knob for a lid costs €6.", ["How much is a new knob for a lid?"]),
        ("Copper kettles cost from €89.", ["How much are copper kettles?"]),
        ("Мужская стрижка стоит 1500 рублей.", ["Сколько стоит мужская стрижка?"]),
        ("Service: Haircut; Price: €30; Time: 40 min", ["Haircut: how much is it?"]),
        (
            "Услуга: Маникюр; Цена: 1500 ₽\nУслуга: Педикюр; Цена: 2000 ₽",
            ["Сколько стоит маникюр?", "Сколько стоит педикюр?"],
        ),
        ("Copper kettles: €89", ["Copper kettles: how much are they?"]),
        ("Медные чайники: 8900 ₽", ["Сколько стоят медные чайники?"]),
        ("It costs €12, and you must book it.", []),
        ("Zone: Lindenford; Price: €4", []),
        ("Price: €4", []),
    ],
)  # fmt: skip
def test_what_has_a_price_is_asked_for_by_its_name(text: str, questions: list[str]) -> None:
    assert _questions(_told(text), Rank.PRICE) == questions


def test_a_pair_asks_in_its_own_words_and_nothing_else_is_made_of_it() -> None:
    passage = _told("Is there parking?\nYes, for €1 an hour.", question="3. Is there parking?")
    assert _questions(passage) == ["Is there parking?"]


def test_a_section_is_asked_about_unless_a_fact_has_asked_or_nobody_would() -> None:
    wrapping = _told("We wrap gifts in linen with a ribbon.", "Shop > Gift wrapping", title="Shop")
    assert _questions(wrapping, Rank.SECTION) == ["What should I know about gift wrapping?"]
    care = _told("Мойте чайник мягкой губкой.", "Уход за чайником")
    assert _questions(care, Rank.SECTION) == ["Уход за чайником — что нужно знать?"]
    how = _told("Wait 20 minutes.", "How to descale a kettle")
    assert _questions(how, Rank.SECTION) == ["How to descale a kettle?"]
    assert _questions(_told("Delivery costs €6.", "Delivery"), Rank.SECTION) == []
    for idle in ("About us", "Главная", "Shop", "2026"):
        assert _questions(_told("We are nice people.", idle, title="Shop"), Rank.SECTION) == []


def test_documents_take_turns_and_a_question_is_asked_once() -> None:
    long, short = uuid4(), uuid4()
    many = [Candidate(f"Question {number}?", _told("", document=long), Rank.SECTION) for number in range(9)]
    few = [
        Candidate("When?", _told("", document=short), Rank.FACT),
        Candidate("Question 0?", _told("", document=short), Rank.PAIR),
    ]
    ordered = [one.question for one in fairly([*many, *few])]
    assert ordered[:3] == ["Question 0?", "When?", "Question 1?"]
    assert len(ordered) == len(set(ordered)) == 10


@pytest.mark.parametrize(
    ("title", "text", "name"),
    [
        ("Home | Copper Kettle", "Copper Kettle is a small shop for tea.", "Copper Kettle"),
        ("Главная", "«Медный чайник» — небольшой магазин чая.", "Медный чайник"),
        ("МЕДНЫЙ ЧАЙНИК: ВОПРОСЫ И ОТВЕТЫ", "С 10:00 до 19:00.", "Медный чайник"),
        ("Delivery and returns", "You may return it.", ""),
    ],
)
def test_a_name_is_where_a_site_introduces_itself(title: str, text: str, name: str) -> None:
    assert name_in([Source(title, (("", text),), is_page=True)]) == name


def test_the_title_of_a_file_is_not_the_name_of_a_business() -> None:
    assert name_in([Source("Product care guide", (("", "Wash it with a soft sponge."),))]) == ""


@pytest.mark.parametrize(
    ("story", "name"),
    [
        ("I run Copper Kettle, a tea shop. Open daily.", "Copper Kettle"),
        ("My business is called Green Leaf and we sell plants.", "Green Leaf"),
        ("We are a small bakery in Leeds. We deliver.", "Small bakery in Leeds"),
        ("У нас кофейня «Зерно» на Садовой. Работаем с 8 до 20.", "Зерно"),
        ("Мы — пекарня на углу Садовой, печём хлеб.", "Пекарня на углу Садовой"),
    ],
)
def test_an_owner_is_called_what_he_calls_himself(story: str, name: str) -> None:
    assert name_told(story) == name


def test_a_greeting_names_only_what_is_told() -> None:
    source = Source("", (("Delivery", "Delivery costs €6."), ("", "We are open Monday from 9:00 to 18:00.")))
    assert topics_in([source]) == ["hours", "delivery"]
    profile = profile_of([source], SAY, named="Rosa")
    assert profile.greeting == (
        "Hello! I am the assistant of “Rosa”. I can tell you about opening hours, delivery and more."
    )
    quiet = profile_of([Source("", (("", "Мы любим своё дело."),))], SAY, known_as="Роза")
    assert (quiet.locale, quiet.greeting) == ("ru", "Здравствуйте! Я ассистент «Роза». Что вам подсказать?")


def test_a_notary_is_formal_and_a_flower_shop_is_friendly() -> None:
    notary = "Нотариус Иванова. Нотариальные действия, юридические консультации, налоговые вопросы."
    assert profile_of([Source("", (("", notary),))], SAY, known_as="Иванова").persona.startswith("Вежливо")
    flowers = "We make bouquets for weddings and birthdays."
    assert profile_of([Source("", (("", flowers),))], SAY, known_as="Rosa").persona.startswith("Warm")


@pytest.mark.parametrize(
    ("text", "telling", "value"),
    [
        ("https://copper.example", Telling.LINK, "https://copper.example"),
        ("our site is copper-kettle.example, thanks", Telling.LINK, "copper-kettle.example"),
        ("мой сайт пример.рф", Telling.LINK, "пример.рф"),
        ("http://127.0.0.1/", Telling.LINK, "http://127.0.0.1/"),
        ("We are a small bakery in Leeds, open daily from 8 to 18.", Telling.STORY, ""),
        ("Пекарня. Печём хлеб, доставка 200 рублей", Telling.STORY, ""),
        ("Copper Kettle", Telling.NAME, "Copper Kettle"),
        ("Кофейня на Ленина", Telling.NAME, "Кофейня на Ленина"),
        ("Пропустить", Telling.SKIP, ""),
        ("later", Telling.SKIP, ""),
        ("hello", Telling.NOTHING, ""),
        ("what can you do?", Telling.NOTHING, ""),
        ("asdf qwer zxcv uiop hjkl", Telling.NOTHING, ""),
        ("фыва олдж ячсм йцук прол", Telling.NOTHING, ""),
        ("asdf asdf asdf asdf asdf asdf", Telling.NOTHING, ""),
        ("You stupid idiot", Telling.NOTHING, ""),
        ("Идите вы все со своим тупым ботом", Telling.NOTHING, ""),
        ("🙂🙂", Telling.NOTHING, ""),
        ("12345", Telling.NOTHING, ""),
    ],
)
def test_what_an_answer_is(text: str, telling: Telling, value: str) -> None:
    told = telling_in(text)
    assert (told.telling, told.value) == (telling, value)


def test_a_word_to_a_card_is_the_whole_message() -> None:
    assert word_in("Looks good!") is Word.YES
    assert word_in("Всё верно") is Word.YES
    assert word_in("дальше") is Word.GO_ON
    assert word_in("да, а сколько стоит доставка") is None
