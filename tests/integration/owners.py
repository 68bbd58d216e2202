"""What owners do first in every conversation with the admin bot."""

from pathlib import Path

from core.accounts import user_of_telegram
from core.models import Assistant
from core.tenancy import actor_of, assistants_of
from tests.telegram_server import Person


def named(files: list[Path], name: str) -> Path:
    return next(file for file in files if file.name == name)


async def assistant_of_person(person: Person) -> Assistant:
    user = await user_of_telegram(person.id, "", "en")
    return (await assistants_of(await actor_of(user.id)))[-1]


FIRST_NAME = {"English": "begin with a name", "Русский": "начнём с одного названия"}


async def started(person: Person, language: str = "English", name: str = "Copper Kettle") -> Person:
    """He has said hello, chosen a language, and named his first assistant instead of telling of his business."""
    await person.says("/start")
    await person.reads("Which language")
    await person.presses(language)
    await person.presses("⏭")
    await person.reads(FIRST_NAME[language])
    await person.says(name)
    await person.reads(name)
    return person
