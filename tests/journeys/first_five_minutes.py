"""The first five minutes as they are said: `python -m tests.journeys.first_five_minutes` writes them into docs/.

The whole product runs, on a Telegram and a shop's site of its own. `tests/integration/test_admin_bot_first_steps.py`
walks the same way and compares.
"""

import asyncio
import itertools
import re
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from pydantic import SecretStr

from core.settings import Settings
from tests.shop_site import lay_out
from tests.subprocesses import ROOT
from tests.telegram_server import Person, Shown, TelegramServer, telegram_server
from tests.web_site import WebSite, web_site

MOST = 8
"""Taps and messages from /start to an answering bot."""
SITES = {"en": "copperkettle.example", "ru": "medniy-chaynik.example"}
BOTS = {"en": "copperkettle_bot", "ru": "medniy_chaynik_bot"}
TOKEN = "123456789:AAF…"
LABELS = {
    "en": {
        "speak": "English",
        "asked": "What is your business?",
        "drafted": "Your assistant is drafted",
        "good": "Looks good",
        "rest": "Approve the rest",
        "remembered": "are remembered",
        "connect": "Connect a Telegram bot",
        "live": "answers your customers now",
        "question": "When are you open?",
        "answer": "Tuesday to Friday",
    },
    "ru": {
        "speak": "Русский",
        "asked": "Чем вы занимаетесь?",
        "drafted": "Черновик ассистента готов",
        "good": "Всё верно",
        "rest": "Одобрить остальные",
        "remembered": "Запомнено",
        "connect": "Подключить бота",
        "live": "уже отвечает клиентам",
        "question": "Когда вы работаете?",
        "answer": "со вторника по пятницу",
    },
}
HEADS = {
    "en": """# The first five minutes

From `/start` to a bot that answers customers, in {most} taps and messages. This page was not written but recorded: the
product said all of it, to `tests/journeys/first_five_minutes.py`, about the site of a shop that does not exist.
""",
    "ru": """# Первые пять минут

От `/start` до бота, который отвечает клиентам, — {most} нажатий и сообщений. Эта страница не написана, а записана: всё
это сказал сам продукт, а спрашивал `tests/journeys/first_five_minutes.py` — про сайт магазина, которого нет.
""",
}
NAMES = {"en": ("You", "press", "Bot", "A customer"), "ru": ("Вы", "нажимаете", "Бот", "Клиент")}
_COUNTS = re.compile(
    r"\d+(?= (?:of|из) \d)|(?<=(?:of|из) )\d+|\d+(?= (?:ready|готов))|(?<=rest: )\d+|(?<=остальные: )\d+"
)


def file_of(language: str) -> Path:
    return ROOT / "docs" / f"first-five-minutes.{language}.md"


def without_counts(text: str) -> str:
    """How many sample answers there are may differ by one: processors round embeddings differently."""
    return _COUNTS.sub("N", text)


class Scribe:
    """Writes down what an owner and the bot say to each other, in the order in which it is read."""

    def __init__(self, person: Person, language: str) -> None:
        self._person = person
        self._you, self._press, self._bot, self._customer = NAMES[language]
        self.parts = [HEADS[language].format(most=MOST).strip()]

    async def says(self, text: str, who: str = "") -> None:
        await self._person.says(text)
        self.parts.append(f"**{who or self._you}:** {text}")

    async def presses(self, label: str) -> None:
        pressed = next(
            one["text"] for shown in reversed(self._person.chat) for one in shown.buttons if label in one["text"]
        )
        await self._person.presses(label)
        self.parts.append(f"**{self._you}** {self._press} `{pressed}`")

    async def reads(self, part: str, timeout_s: float = 60.0) -> None:
        self.hears(await self._person.reads(part, timeout_s))

    def hears(self, shown: Shown) -> None:
        lines = [*shown.text.split("\n"), ""]
        breaks = ["\\" if line and following else "" for line, following in itertools.pairwise(lines)]
        quoted = "\n".join(f"> {line}{end}".rstrip() for line, end in zip(lines, breaks, strict=False))
        buttons = " ".join(f"`{one['text']}`" for one in shown.buttons)
        self.parts.append(f"**{self._bot}:**\n\n{quoted}" + (f"\n>\n> {buttons}" if buttons else ""))

    def turn_to(self, customer: Person) -> str:
        """From now on somebody else talks, to another bot; who that is."""
        self._person = customer
        return self._customer


async def walk(owner: Person, telegram: TelegramServer, web: WebSite, language: str) -> str:
    """The conversation as a page, without what differs from one time to the next."""
    said, token = LABELS[language], telegram.new_bot()
    scribe = Scribe(owner, language)
    await scribe.says("/start")
    await scribe.reads("Which language")
    await scribe.presses(said["speak"])
    await scribe.reads(said["asked"])
    await scribe.says(web.url)
    await scribe.reads(said["drafted"])
    await scribe.presses(said["good"])
    await scribe.reads("❓")
    await scribe.presses(said["rest"])
    await scribe.reads(said["remembered"])
    await scribe.presses("💬")
    await scribe.reads(await _answered(owner))
    await scribe.reads("🔎")
    await scribe.presses(said["connect"])
    await scribe.reads("@BotFather")
    await scribe.says(token)
    await scribe.reads(said["live"])
    assert owner.acts == MOST, "taps and messages from /start to an answering bot"
    customer = Person(telegram, token, language)
    who = scribe.turn_to(customer)
    await scribe.says(said["question"], f"{who} → @{telegram.names[token]}")
    await scribe.reads(said["answer"])
    page = "\n\n".join(scribe.parts) + "\n"
    for volatile, shown in (
        (web.url, f"https://{SITES[language]}"),
        (web.host, SITES[language]),
        (telegram.names[token], BOTS[language]),
        (token, TOKEN),
    ):
        page = page.replace(volatile, shown)
    return page


async def _answered(owner: Person) -> str:
    """The answer stands above the sentence that explains it."""
    explained = await owner.reads("🔎", 60)
    place = owner.chat.index(explained)
    return owner.chat[place - 1].text


async def main() -> None:
    from admin_bot.role import run as admin_bot
    from bots.registry import Registry
    from core.app import open_core
    from tests.integration.conftest import QUICK, running
    from workers.role import run as worker

    for language in LABELS:
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            telegram = await stack.enter_async_context(telegram_server())
            web = lay_out(await stack.enter_async_context(web_site()), language)
            admin = telegram.new_bot()
            settings = Settings(
                _env_file=None,
                data_dir=folder,
                models_dir=ROOT / ".cache" / "models",
                demo=False,
                telegram_api_url=telegram.url,
                admin_bot_token=SecretStr(admin),
                allowed_private_hosts=web.host,
            )
            core = await stack.enter_async_context(open_core(settings, say=lambda *_: None))
            for role in (admin_bot(core, 0.1, QUICK), Registry(core, every_s=0.1).run(), worker(core)):
                await stack.enter_async_context(running(core, role))
            page = await walk(Person(telegram, admin, language), telegram, web, language)
        file_of(language).write_text(page, encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
