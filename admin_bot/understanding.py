"""What an owner types in his own words: done when it is plain, asked when two or three are possible, and else a
question to his assistant.

What is done here only opens a screen or a card: changes wait for his button there, as they do for everybody who came
by the menu. So a misunderstanding costs a tap.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.types import Message

from admin_bot import ask, assistants, channel, farewell, gaps, knowledge, people, persona, sites, team, verified
from admin_bot.keyboards import Press
from admin_bot.menu import show_menu
from admin_bot.public_page import open_page
from admin_bot.routes import on_message
from admin_bot.start import help_out, speak, switch_language
from admin_bot.talk import Talk
from admin_bot.training import open_training
from core.channels import channels_of
from core.documents import documents_of
from core.errors import Unavailable
from core.intents.base import NOTHING, Intent, Reading
from core.models import Role
from core.team import must_be_in_team
from core.tenancy import assistants_of
from core.words import content_stems, stems_of

Open = Callable[[Talk, str], Awaitable[None]]
"""Takes what he wrote, too: there may be a name or a value in it."""
_VALUE = re.compile(r"(?::\s*|[«“\"])(?P<value>[^»”\"]{2,}?)[»”\"]?\s*$", re.DOTALL)
_WITH_VALUES = (Intent.TONE, Intent.GREETING, Intent.CONTACT)
_SPOKEN = {"ru": ("русск", "russian"), "en": ("англ", "english")}


@dataclass(frozen=True, slots=True)
class Way:
    """Where an intent leads: the least role that may go there, the button that would lead there, and how to open it."""

    role: Role
    key: str
    do: str
    open: Open


def _screen(handler: Callable[[Talk], Awaitable[None]]) -> Open:
    async def opened(talk: Talk, _text: str) -> None:
        await handler(talk)

    return opened


def _listing(handler: Callable[[Talk, Press], Awaitable[None]], do: str) -> Open:
    async def opened(talk: Talk, _text: str) -> None:
        await handler(talk, Press(do=do))

    return opened


def _described(field: str) -> Open:
    """A card when he said the value in the same breath ("greeting: Hello!"), else the question for it."""

    async def opened(talk: Talk, text: str) -> None:
        said = _VALUE.search(text)
        if said:
            await persona.propose(talk, field, said["value"].strip())
        else:
            await persona.ask_value(talk, Press(do=f"persona.{field}"))

    return opened


async def _delete_document(talk: Talk, text: str) -> None:
    """The card of the one document that he named, or the list of all."""
    said = set(stems_of(text))
    documents = [one for one in await documents_of(await talk.assistant()) if one.kind != "page"]
    named = [one for one in documents if (stems := set(content_stems(knowledge.name_of(one)))) and stems <= said]
    if len(named) == 1:
        await knowledge.confirm_delete(talk, Press(do="doc.delete", id=named[0].id))
    else:
        await knowledge.show_documents(talk)


async def _disconnect(talk: Talk, _text: str) -> None:
    bots = await channels_of(await talk.assistant())
    if len(bots) == 1:
        await channel.confirm_disconnect(talk, Press(do="bot.off", id=bots[0].id))
    else:
        await channel.show_channels(talk)


async def _delete_assistant(talk: Talk, _text: str) -> None:
    """Its name must be typed; of several he chooses first."""
    if len(await assistants_of(talk.actor)) == 1:
        assistant = await talk.assistant()
        await farewell.ask_for_name(talk, Press(do="assistant.delete", id=assistant.id))
    else:
        await assistants.list_assistants(talk)


async def _speak(talk: Talk, text: str) -> None:
    """The language he named, or the other one."""
    named = [locale for locale, words in _SPOKEN.items() if any(word in text.lower() for word in words)]
    if len(named) == 1:
        await speak(talk, Press(do=f"speak.{named[0]}"))
    else:
        await switch_language(talk)


WAYS: dict[Intent, Way] = {
    Intent.MENU: Way(Role.OPERATOR, "button-menu", "menu", _screen(show_menu)),
    Intent.DOCUMENTS: Way(Role.OPERATOR, "button-documents", "docs", _listing(knowledge.list_documents, "docs")),
    Intent.ADD_DOCUMENT: Way(Role.MANAGER, "button-paste", "paste", _screen(knowledge.ask_text)),
    Intent.DELETE_DOCUMENT: Way(Role.MANAGER, "button-delete-document", "docs", _delete_document),
    Intent.SITES: Way(Role.OPERATOR, "button-site", "sites", _listing(sites.list_sites, "sites")),
    Intent.CONNECT_BOT: Way(Role.OWNER, "button-connect", "connect", _screen(channel.ask_token)),
    Intent.CHANNELS: Way(Role.MANAGER, "button-channels", "bots", _screen(channel.open_channels)),
    Intent.DISCONNECT_BOT: Way(Role.OWNER, "button-disconnect-bot", "bots", _disconnect),
    Intent.TONE: Way(Role.MANAGER, "button-tone", "persona.tone", _described("tone")),
    Intent.GREETING: Way(Role.MANAGER, "button-greeting", "persona.greeting", _described("greeting")),
    Intent.CONTACT: Way(Role.MANAGER, "button-contact", "persona.contact", _described("contact")),
    Intent.LENGTH: Way(Role.MANAGER, "button-answer-length", "persona", _screen(persona.open_persona)),
    Intent.TOPICS: Way(Role.MANAGER, "button-topics", "persona", _screen(persona.open_persona)),
    Intent.ANSWERS: Way(Role.OPERATOR, "button-verified", "answers", _listing(verified.list_answers, "answers")),
    Intent.ADD_ANSWER: Way(Role.MANAGER, "button-add-answer", "answer.add", _screen(verified.ask_question)),
    Intent.GAPS: Way(Role.MANAGER, "button-gaps-left", "gaps", _listing(gaps.list_gaps, "gaps")),
    Intent.PEOPLE: Way(Role.OPERATOR, "button-waiting", "people", _screen(people.list_people)),
    Intent.TRAINING: Way(Role.MANAGER, "button-training", "training", _screen(open_training)),
    Intent.NEW_ASSISTANT: Way(Role.MANAGER, "button-new-assistant", "new", _screen(assistants.ask_name)),
    Intent.ASSISTANTS: Way(Role.OPERATOR, "button-assistants", "assistants", _screen(assistants.list_assistants)),
    Intent.DELETE_ASSISTANT: Way(Role.OWNER, "button-farewell", "assistants", _delete_assistant),
    Intent.TEAM: Way(Role.OPERATOR, "button-team", "team", _listing(team.open_team, "team")),
    Intent.PAGE: Way(Role.MANAGER, "button-public-page", "page", _screen(open_page)),
    Intent.LANGUAGE: Way(Role.OPERATOR, "button-language", "language", _speak),
    Intent.HELP: Way(Role.OPERATOR, "button-help", "help", _screen(help_out)),
}


async def take_words(talk: Talk, message: Message) -> None:
    text = (message.text or "").strip()
    reading = await _read(talk, text)
    if reading.intent:
        way = WAYS[reading.intent]
        await must_be_in_team(talk.actor, way.role)
        await way.open(talk, text)
    elif reading.perhaps:
        await _ask_what_was_meant(talk, text, reading)
    else:
        await ask.take_text(talk, text)


async def _read(talk: Talk, text: str) -> Reading:
    """A value that he said at once says nothing about what he wants. Without the embedding model nothing is understood,
    and everything else still works."""
    said = _VALUE.search(text)
    try:
        if said and (reading := await talk.intents.read(text[: said.start()])).intent in _WITH_VALUES:
            return reading
        return await talk.intents.read(text)
    except Unavailable:
        return NOTHING


async def _ask_what_was_meant(talk: Talk, text: str, reading: Reading) -> None:
    await talk.state.update_data({knowledge.PASTED: text})
    ways = {WAYS[intent].do: WAYS[intent] for intent in reading.perhaps}
    rows = [[talk.button(way.key, way.do)] for way in ways.values()]
    await talk.say(talk.words("admin-meant", count=len(ways)), *rows, [talk.button("button-ask-this", "ask.pasted")])


def setup() -> Router:
    router = Router(name="understanding")
    on_message(router, Role.OPERATOR, take_words, StateFilter(None), F.text)
    return router
