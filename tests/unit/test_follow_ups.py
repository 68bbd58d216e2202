"""Conversations, and what their last question asks for: the subject it leans on is there, and no other one.

A turn begins with who speaks: Q a customer, A the assistant, R the assistant's refusal, O an operator. Of the whole
question are named stems that it has, and after a bar those that it has not; "=" says that it is not touched.
"""

from typing import Literal

import pytest

from core.messages import Said, Tier
from core.rewriting import standalone_question
from core.words import language_of, stems_of

_AUTHORS: dict[str, Literal["customer", "assistant", "operator"]] = {
    "Q": "customer", "A": "assistant", "R": "assistant", "O": "operator",
}  # fmt: skip

WRITTEN_BEFORE: list[tuple[str, ...]] = [
    (
        "Q How much does delivery to the United Kingdom cost?",
        "A 9 euros.",
        "And how long does it take?",
        "delivery united kingdom long take",
    ),
    (
        "Q How much does delivery to the United Kingdom cost?",
        "A 9 euros.",
        "And to France?",
        "much delivery france|united kingdom",
    ),
    (
        "Q How much does delivery to the United Kingdom cost?",
        "A 9 euros.",
        "What about France?",
        "much delivery france|kingdom",
    ),
    ("Q What time do you close on Saturday?", "A At 17:00.", "And on Sundays?", "close sundays|saturday"),
    ("Q What time do you close on Saturday?", "A At 17:00.", "what about weekdays", "close weekdays|saturday"),
    ("Q How long is a gift card valid?", "A Two years.", "How much is it?", "much gift card"),
    ("Q Do you sell teapots?", "A Yes, iron and glass ones.", "Are they dishwasher safe?", "teapots dishwasher safe"),
    (
        "Q Can I send a kettle back?",
        "A Yes, within 30 days. We refund the full price.",
        "How long does that take?",
        "kettle refund long",
    ),
    ("Q How can I pay?", "A By card, by bank transfer or in cash.", "Is the second one free?", "bank transfer free"),
    ("Q Where is the shop?", "A At 12 Mill Lane.", "How much does delivery cost?", "="),
    ("Q Where is the shop?", "A At 12 Mill Lane.", "What are your prices?", "="),
    ("Q Where is the shop?", "A At 12 Mill Lane.", "And which payment methods are accepted?", "="),
    (
        "Q How much does delivery cost?",
        "A 5 euros.",
        "Another question: do you repair kettles?",
        "repair kettles|delivery",
    ),
    ("Q How much does delivery cost?", "A 5 euros.", "Is it possible to return a kettle?", "="),
    ("Q How much does delivery cost?", "A 5 euros.", "Is there parking near the shop?", "="),
    (
        "Q How much does delivery to Cork cost?",
        "A 5 euros.",
        "Q And to Dublin?",
        "A 4 euros.",
        "Q How long does it take?",
        "A A day.",
        "And is it insured?",
        "delivery dublin insured|cork",
    ),
    (
        "Q How much does delivery to Cork cost?",
        "A 5 euros.",
        "O Ann here, may I help?",
        "Is it insured?",
        "delivery cork insured",
    ),
    (
        "Q How much does delivery to Cork cost?",
        "A 5 euros.",
        "Q And to Mars?",
        "R We do not know.",
        "ok, how long does it take?",
        "delivery long",
    ),
    (
        "Q How much does delivery to Cork cost?",
        "A 5 euros.",
        "Q Thanks!",
        "A You are welcome.",
        "And how long does it take?",
        "delivery cork long",
    ),
    ("Q Сколько стоит доставка в Минск?", "A 15 рублей.", "А сколько она занимает?", "доставка минск занимает"),
    ("Q Сколько стоит доставка в Минск?", "A 15 рублей.", "А в Брест?", "доставка брест стоит|минск"),
    ("Q До скольки вы работаете в субботу?", "A До 17:00.", "а в воскресенье?", "работаете воскресенье|субботу"),
    ("Q До скольки вы работаете в субботу?", "A До 17:00.", "А по будням?", "работаете будням|субботу"),
    ("Q Сколько стоит доставка?", "A 300 рублей.", "а самовывоз?", "стоит самовывоз"),
    ("Q У вас есть подарочные карты?", "A Да, на любую сумму.", "Сколько они действуют?", "подарочные карты действуют"),
    ("Q У вас есть подарочные карты?", "A Да, на любую сумму.", "какой срок?", "подарочные карты срок"),
    (
        "Q Как вернуть чайник?",
        "A Пришлите его в течение 30 дней, мы вернём деньги.",
        "Сколько это занимает?",
        "чайник занимает",
    ),
    ("Q Как вернуть чайник?", "A Пришлите его в течение 30 дней.", "А если он сломался?", "чайник сломался"),
    ("Q Как можно оплатить?", "A Картой, переводом или наличными.", "второй вариант бесплатный?", "переводом"),
    ("Q Где вы находитесь?", "A На Мельничной, 12.", "А сколько стоит доставка?", "="),
    ("Q Сколько стоит доставка?", "A 300 рублей.", "Другой вопрос: вы чините чайники?", "чините чайники|доставка"),
    ("Q Сколько стоит доставка?", "A 300 рублей.", "Какие способы оплаты вы принимаете?", "="),
    (
        "Q Сколько стоит доставка в Минск?",
        "A 15 рублей.",
        "Q А в Брест?",
        "A 12 рублей.",
        "Q А сколько она занимает?",
        "A День.",
        "её можно отследить?",
        "доставка брест отследить|минск",
    ),
    (
        "Q Сколько стоит доставка в Минск?",
        "A 15 рублей.",
        "O Это Анна, чем помочь?",
        "а быстро?",
        "доставка минск быстро",
    ),
    ("Q Сколько стоит доставка в Минск?", "A 15 рублей.", "And how long does it take?", "доставка long take"),
    ("Q How much does delivery to Cork cost?", "A 5 euros.", "а сколько она занимает?", "delivery занимает"),
    ("Q Do you sell the Rosa grinder?", "A Yes, for 89 euros.", "ok and the warranty?", "rosa grinder warranty"),
    ("Q Do you sell the Rosa grinder?", "A Yes, for 89 euros.", "I meant the Bella grinder", "sell bella grinder|rosa"),
    ("Q Do you sell the Rosa grinder?", "A Yes, for 89 euros.", "Sorry, I mean in Dublin", "rosa grinder dublin"),
    ("Q Do you sell the Rosa grinder?", "A Yes, for 89 euros.", "and the cheaper one?", "rosa grinder cheaper"),
    ("Q Do you sell the Rosa grinder?", "A Yes, for 89 euros.", "do you have wifi", "="),
    ("Q Do you sell the Rosa grinder?", "A Yes, for 89 euros.", "does shipping cost extra?", "="),
    ("Q Вы продаёте кофемолку Роза?", "A Да, за 89 евро.", "а гарантия?", "кофемолку роза гарантия"),
    ("Q Вы продаёте кофемолку Роза?", "A Да, за 89 евро.", "я про Беллу", "продаёте кофемолку беллу|роза"),
    ("Q Вы продаёте кофемолку Роза?", "A Да, за 89 евро.", "можно подешевле?", "кофемолку роза подешевле"),
    ("Q Вы продаёте кофемолку Роза?", "A Да, за 89 евро.", "а вы где?", "="),
    ("Q Вы продаёте кофемолку Роза?", "A Да, за 89 евро.", "есть скидки?", "="),
]

WRITTEN_AFTER: list[tuple[str, ...]] = [
    (
        "Q Do you repair espresso machines?",
        "A Yes, ours and others.",
        "How much does that cost?",
        "repair espresso machines much",
    ),
    ("Q Do you repair espresso machines?", "A Yes, ours and others.", "and grinders?", "repair grinders"),
    ("Q When does the Monday cupping begin?", "A At 18:00.", "Do I have to book it?", "cupping book"),
    ("Q When does the Monday cupping begin?", "A At 18:00.", "How many people can join?", "people join"),
    ("Q Is the museum open at Easter?", "A Yes, from 10 to 16.", "And at Christmas?", "museum open christmas|easter"),
    ("Q Is the museum open at Easter?", "A Yes, from 10 to 16.", "How do I get a refund for a ticket?", "="),
    ("Q What does a day ticket cost?", "A 14 euros.", "for children?", "ticket children"),
    ("Q What does a day ticket cost?", "A 14 euros.", "Where can I buy one?", "ticket buy"),
    (
        "Q What does a day ticket cost?",
        "A 14 euros.",
        "Q And a season ticket?",
        "A 80 euros.",
        "Can I pay for it in cash?",
        "season ticket pay cash",
    ),
    (
        "Q Do you rent out bicycles?",
        "A Yes, by the hour or by the day.",
        "Do they have child seats?",
        "bicycles child seats",
    ),
    (
        "Q Do you rent out bicycles?",
        "A Yes.",
        "Q What deposit do you take?",
        "A 50 euros.",
        "When do I get it back?",
        "deposit back",
    ),
    ("Q Do you rent out bicycles?", "A Yes.", "What is your address?", "="),
    ("Q Do you rent out bicycles?", "A Yes.", "Different topic: is there a cafe?", "cafe|bicycles"),
    (
        "Q I lost my membership card. What should I do?",
        "A Ask for a new one at the desk; it costs 5 euros.",
        "How long does it take to get a new one?",
        "new",
    ),
    (
        "Q How do I cancel my subscription?",
        "A In your account, under Plans.",
        "What if I already paid for the year?",
        "cancel subscription paid year",
    ),
    (
        "Q Which plans are there?",
        "A There are three plans: Basic, Family and Studio.",
        "How much is the last one?",
        "studio much",
    ),
    (
        "Q Which plans are there?",
        "A There are three plans: Basic, Family and Studio.",
        "Tell me more about the first one",
        "basic",
    ),
    (
        "Q Which plans are there?",
        "A 1. Basic\n2. Family\n3. Studio",
        "what does the third option include?",
        "studio include",
    ),
    ("Q Do you have vegan cakes?", "A Yes, two of them.", "why?", "vegan cakes"),
    ("Q Do you have vegan cakes?", "A Yes, two of them.", "Thank you!", "="),
    ("Q Can I bring my dog?", "A Dogs are welcome on a lead.", "And my cat?", "bring cat"),
    ("Q Можно прийти с собакой?", "A Да, на поводке.", "А с кошкой?", "прийти кошкой|собакой"),
    ("Q Сколько стоит взрослый билет?", "A 500 рублей.", "А детский?", "стоит билет детский"),
    ("Q Сколько стоит взрослый билет?", "A 500 рублей.", "Где его купить?", "билет купить"),
    (
        "Q Сколько стоит взрослый билет?",
        "A 500 рублей.",
        "Q А вернуть его можно?",
        "A Да, за день.",
        "И деньги вернут сразу?",
        "деньги вернут",
    ),
    ("Q Вы чините велосипеды?", "A Да, любых марок.", "Сколько времени на это нужно?", "чините велосипеды времени"),
    ("Q Вы чините велосипеды?", "A Да, любых марок.", "А самокаты?", "чините самокаты"),
    ("Q Вы чините велосипеды?", "A Да.", "Есть ли у вас парковка?", "="),
    (
        "Q Когда начинается мастер-класс по гончарному делу?",
        "A В пятницу в 18:00.",
        "А сколько человек в группе?",
        "человек группе",
    ),
    (
        "Q Когда начинается мастер-класс по гончарному делу?",
        "A В пятницу в 18:00.",
        "на него нужно записываться?",
        "мастер-класс записываться",
    ),
    (
        "Q Какие есть тарифы?",
        "A Есть три тарифа: Базовый, Семейный и Студия.",
        "Что входит в последний?",
        "студия входит",
    ),
    (
        "Q Какие есть тарифы?",
        "A Есть три тарифа: Базовый, Семейный и Студия.",
        "расскажите подробнее про второй вариант",
        "семейный",
    ),
    ("Q Музей работает в понедельник?", "A Нет.", "А во вторник?", "музей работает вторник|понедельник"),
    ("Q Музей работает в понедельник?", "A Нет.", "Кстати, сколько стоит экскурсия?", "экскурсия стоит"),
    ("Q Какая гарантия на самокаты?", "A Год.", "Что она покрывает?", "гарантия самокаты покрывает"),
    (
        "Q Какая гарантия на самокаты?",
        "A Год.",
        "Q А на аккумулятор?",
        "A Полгода.",
        "Q Как её оформить?",
        "A По чеку.",
        "и где?",
        "гарантия аккумулятор",
    ),
    (
        "Q Какая гарантия на самокаты?",
        "A Год.",
        "Q Сколько весит X200?",
        "A 12 кг.",
        "До какой скорости он разгоняется?",
        "x200 скорости|гарантия",
    ),
    ("Q Какая гарантия на самокаты?", "R Не знаю.", "другой вопрос", "="),
    ("Q What is the warranty on scooters?", "A A year.", "а на аккумулятор?", "warranty аккумулятор"),
    # Written after those above had been mended.
    ("Q Is breakfast included?", "A Yes, from 7 to 10.", "and for guests who arrive late?", "breakfast arrive late"),
    ("Q Is breakfast included?", "A Yes, from 7 to 10.", "Can we have it in the room?", "breakfast room"),
    ("Q Is breakfast included?", "A Yes, from 7 to 10.", "When is check-out?", "="),
    ("Q Can I park at the hotel?", "A Yes, in the yard.", "how much a day?", "park hotel much"),
    ("Q Can I park at the hotel?", "A Yes, in the yard.", "Is the yard guarded?", "yard guarded"),
    ("Q Can I park at the hotel?", "A Yes.", "Q And a bus?", "A No.", "Why not?", "park"),
    ("Q How many seats does the van have?", "A Eight.", "And the minibus?", "seats minibus"),
    ("Q How many seats does the van have?", "A Eight.", "Does it have air conditioning?", "van air conditioning"),
    (
        "Q What documents do I need to rent a van?",
        "A A driving licence and a card.",
        "Which licence exactly?",
        "licence",
    ),
    ("Q What documents do I need to rent a van?", "A A licence.", "And what about insurance?", "insurance"),
    ("Q Do you deliver to Galway?", "A Yes, on Fridays.", "To Sligo too?", "deliver sligo|galway"),
    ("Q Do you deliver to Galway?", "A Yes, on Fridays.", "Who brings it?", "deliver brings"),
    ("Q Завтрак включён в стоимость?", "A Да, с 7 до 10.", "А ужин?", "ужин включён"),
    ("Q Завтрак включён в стоимость?", "A Да, с 7 до 10.", "его можно заказать в номер?", "завтрак номер"),
    ("Q Завтрак включён в стоимость?", "A Да, с 7 до 10.", "Во сколько выезд?", "="),
    ("Q Есть ли у вас парковка?", "A Да, во дворе.", "сколько стоит?", "парковка стоит"),
    ("Q Есть ли у вас парковка?", "A Да, во дворе.", "она охраняется?", "парковка охраняется"),
    ("Q Сколько мест в микроавтобусе?", "A Восемь.", "А в автобусе?", "мест автобусе|микроавтобусе"),
    ("Q Сколько мест в микроавтобусе?", "A Восемь.", "Спасибо! А кондиционер там есть?", "микроавтобусе кондиционер"),
    (
        "Q Какие документы нужны для аренды?",
        "A Права и карта.",
        "А если права иностранные?",
        "аренды права иностранные",
    ),
    ("Q Вы доставляете в Тулу?", "A Да, по пятницам.", "А за город?", "доставляете город"),
    ("Q Вы доставляете в Тулу?", "A Да, по пятницам.", "Ещё вопрос: можно ли оплатить картой?", "оплатить картой|тулу"),
]


def _turn(said: str) -> Said:
    tier = Tier.REFUSED if said[0] == "R" else ""
    return Said(_AUTHORS[said[0]], said[2:], tier)


@pytest.mark.parametrize("conversation", WRITTEN_BEFORE + WRITTEN_AFTER, ids=lambda conversation: conversation[-2])
def test_the_last_question_asks_for_what_the_conversation_is_about(conversation: tuple[str, ...]) -> None:
    *turns, text, wanted = conversation
    question = standalone_question(text, [_turn(said) for said in turns])

    assert language_of(question) == language_of(text)
    if wanted == "=":
        assert question == text
        return
    there, _, not_there = wanted.partition("|")
    stems = set(stems_of(question))
    assert set(stems_of(there)) <= stems
    assert not set(stems_of(not_there)) & stems
