"""What customers of the demo's shop ask, and the words that the right passage has. For benchmarks and tests."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoQuestion:
    """`words` all stand in the passage that answers; `locale` is the language of the question and the documents."""

    locale: str
    question: str
    words: tuple[str, ...]


_ENGLISH = (
    ("What time do you close on Saturday?", ("Saturday from 10:00 to 17:00",)),
    ("How much does delivery to the United Kingdom cost?", ("United Kingdom", "€18")),
    ("How long does delivery within Ireland take?", ("Rest of Ireland", "2 to 3 working days")),
    ("From what sum is delivery in Lindenford free?", ("Lindenford", "€40")),
    ("How many days do I have to return a teapot?", ("within 30 days",)),
    ("Can I send back tea that I have opened?", ("Opened tea cannot be returned",)),
    ("How long is the warranty on an electric kettle?", ("Electric kettles", "24 months")),
    ("My glass teapot arrived broken, what should I do?", ("photo within 3 days",)),
    ("How do I descale an electric kettle?", ("citric acid", "wait 20 minutes")),
    ("Can I put a copper kettle in the dishwasher?", ("Never put it into a dishwasher",)),
    ("May I wash a cast-iron teapot with soap?", ("never with soap",)),
    ("How hot should the water be for green tea?", ("Green", "75 °C")),
    ("How much is re-tinning a kettle?", ("re-tin", "€25")),
    ("How long is a gift card valid?", ("24 months", "spent in parts")),
    ("What do I get in the Leaf Club?", ("100 leaves are worth €5",)),
    ("Where can I park my car?", ("three free places in the yard",)),
    ("When are the tea tastings and what do they cost?", ("Saturdays at 11:00", "€12")),
    ("How can I cancel an order I have just made?", ("Within 2 hours", "by phone")),
    ("Do you have anything without caffeine?", ("rooibos", "Evening Meadow")),
    ("How much does engraving a kettle cost?", ("20 letters", "€15")),
)

_RUSSIAN = (
    ("До скольки вы работаете в субботу?", ("в субботу с 10:00 до 17:00",)),
    ("Сколько стоит доставка в Великобританию?", ("Великобритания", "18 €")),
    ("За сколько дней привезут заказ по Ирландии?", ("Остальная Ирландия", "2–3 рабочих дня")),
    ("От какой суммы доставка по Линденфорду бесплатная?", ("Линденфорд", "40 €")),
    ("Сколько дней есть на возврат товара?", ("в течение 30 дней",)),
    ("Можно ли вернуть открытый чай?", ("Вскрытый чай вернуть нельзя",)),
    ("Какая гарантия на электрический чайник?", ("Электрические чайники", "24 месяца")),
    ("Заварник пришёл разбитым, что мне делать?", ("фотографию в течение 3 дней",)),
    ("Как убрать накипь в электрическом чайнике?", ("лимонной кислоты", "подождите 20 минут")),
    ("Можно мыть медный чайник в посудомойке?", ("В посудомоечную машину его ставить нельзя",)),
    ("Можно ли мыть чугунный заварник с мылом?", ("без мыла",)),
    ("Какой температуры нужна вода для зелёного чая?", ("Зелёный", "75 °C")),
    ("Сколько стоит заново полудить чайник?", ("лудим", "25 €")),
    ("Сколько действует подарочная карта?", ("24 месяца", "по частям")),
    ("Что даёт «Клуб листа»?", ("100 листков дают 5 €",)),
    ("Где можно поставить машину?", ("три бесплатных места",)),
    ("Когда проходят дегустации и сколько они стоят?", ("По субботам в 11:00", "12 €")),
    ("Как отменить только что сделанный заказ?", ("в течение 2 часов", "по телефону")),
    ("У вас есть чай без кофеина?", ("ройбуше", "Вечерний луг")),
    ("Сколько стоит гравировка на чайнике?", ("20 букв", "15 €")),
)

DEMO_QUESTIONS: tuple[DemoQuestion, ...] = tuple(
    DemoQuestion(locale, question, words)
    for locale, asked in (("en", _ENGLISH), ("ru", _RUSSIAN))
    for question, words in asked
)
