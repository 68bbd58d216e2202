"""What an owner types in his own words: done when it is plain, asked when two or three are possible, and else a
question to his assistant.

What is done here only opens a screen or a card: changes wait for his button there, as they do for everybody who came
by the menu. So a misunderstanding costs a tap.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.types import Message

from admin_bot import (
    archive,
    ask,
    assistants,
    channel,
    connecting,
    contradictions,
    document_card,
    farewell,
    first_steps,
    gaps,
    hours,
    keys,
    knowledge,
    parameters,
    people,
    persona,
    quick_replies,
    shopper,
    sites,
    slack,
    team,
    tone_examples,
    verified,
    webhooks,
)
from admin_bot.business import FirstSteps
from admin_bot.keyboards import Press, role_for
from admin_bot.menu import show_menu
from admin_bot.numbers import show_asked_for
from admin_bot.public_page import open_page
from admin_bot.routes import on_message
from admin_bot.start import help_out, speak, switch_language
from admin_bot.talk import Talk
from admin_bot.training import open_training
from admin_bot.undo import show_last
from core.channels import channels_of
from core.crawling.addresses import addresses_in, only_addresses
from core.documents import documents_of
from core.errors import Unavailable
from core.hours_in_words import says_hours
from core.intents.base import NOTHING, Intent, Reading
from core.models import Role
from core.team import must_be_in_team
from core.tenancy import assistants_of
from core.values_in_words import hours_said, tone_example_in
from core.words import content_stems, stems_of

Open = Callable[[Talk, str], Awaitable[None]]
"""Takes what he wrote, too: there may be a name or a value in it."""
_BEFORE_VALUE = re.compile(r":\s+|[«“\"]")
_AROUND_VALUE = ' \n\t«»“”"'
_NOT = re.compile(r"\b(?:not|don.?t|can.?t|не)\b")
_WITH_VALUES = (Intent.TONE, Intent.GREETING, Intent.CONTACT)
_SPOKEN = {"ru": ("русск", "russian"), "en": ("англ", "english")}


_SLACK = re.compile(r"slack|сл[аэ]к", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Way:
    """Where an intent leads: the label and the name of the button that would lead there, and how to open it. `needs` is
    the button whose role it takes, where that is another one: what opens a list by a tap may open a card by words."""

    key: str
    do: str
    open: Open
    needs: str = ""

    def least_role(self, roles: Mapping[str, Role]) -> Role:
        return role_for(roles, self.needs or self.do)


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
        _, value = _value_in(text)
        if value:
            await persona.propose(talk, field, value)
        else:
            await persona.ask_value(talk, Press(do=f"persona.{field}"))

    return opened


def _value_in(text: str) -> tuple[str, str]:
    """What he wants, and the value that he gave behind a colon or in quotation marks; empty when he gave none."""
    found = _BEFORE_VALUE.search(text)
    return (text[: found.start()], text[found.end() :].strip(_AROUND_VALUE)) if found else (text, "")


async def _delete_document(talk: Talk, text: str) -> None:
    """The card of the one document that he named, or the list of all."""
    said = set(stems_of(text))
    documents = [one for one in await documents_of(await talk.assistant()) if one.kind != "page"]
    named = [one for one in documents if (stems := set(content_stems(Path(one.filename).stem))) and stems <= said]
    if len(named) == 1:
        await document_card.confirm_delete(talk, Press(do="doc.delete", id=named[0].id))
    else:
        await knowledge.show_documents(talk)


async def _sites(talk: Talk, text: str) -> None:
    """The one whose address he wrote, or all."""
    if addresses_in(text):
        await sites.offer_in(talk, text)
    else:
        await sites.list_sites(talk, Press(do="sites"))


async def _connect(talk: Talk, text: str) -> None:
    await (slack.open_slack if _SLACK.search(text) else connecting.open_ways)(talk)


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
    """The language he named, or the other one; "I don't understand Russian" names it to be rid of it."""
    named = [locale for locale, words in _SPOKEN.items() if any(word in text.lower() for word in words)]
    if len(named) == 1 and not _NOT.search(text.lower()):
        await speak(talk, Press(do=f"speak.{named[0]}"))
    else:
        await switch_language(talk)


WAYS: dict[Intent, Way] = {
    Intent.MENU: Way("button-menu", "menu", _screen(show_menu)),
    Intent.DOCUMENTS: Way("button-documents", "docs", _listing(knowledge.list_documents, "docs")),
    Intent.ADD_DOCUMENT: Way("button-paste", "paste", _screen(knowledge.ask_text)),
    Intent.DELETE_DOCUMENT: Way("button-delete-document", "docs", _delete_document, "doc.delete"),
    Intent.SITES: Way("button-site", "sites", _sites),
    Intent.CONNECT_BOT: Way("button-connect", "connect", _connect),
    Intent.CHANNELS: Way("button-channels", "bots", _screen(channel.open_channels)),
    Intent.DISCONNECT_BOT: Way("button-disconnect-bot", "bots", _disconnect, "bot.off"),
    Intent.TONE: Way("button-tone", "persona.tone", _described("tone")),
    Intent.GREETING: Way("button-greeting", "persona.greeting", _described("greeting")),
    Intent.CONTACT: Way("button-contact", "persona.contact", _described("contact")),
    Intent.LENGTH: Way("button-answer-length", "persona", persona.take_length_said),
    Intent.TOPICS: Way("button-topics", "persona", persona.take_topic_said),
    Intent.ANSWERS: Way("button-verified", "answers", _listing(verified.list_answers, "answers")),
    Intent.ADD_ANSWER: Way("button-add-answer", "answer.add", _screen(verified.ask_question)),
    Intent.GAPS: Way("button-gaps-left", "gaps", _listing(gaps.list_gaps, "gaps")),
    Intent.NUMBERS: Way("button-numbers", "numbers", show_asked_for),
    Intent.PEOPLE: Way("button-waiting", "people", _screen(people.list_people)),
    Intent.TRAINING: Way("button-training", "training", _screen(open_training)),
    Intent.NEW_ASSISTANT: Way("button-new-assistant", "new", _screen(assistants.ask_name)),
    Intent.ASSISTANTS: Way("button-assistants", "assistants", _screen(assistants.list_assistants)),
    Intent.DELETE_ASSISTANT: Way("button-farewell", "assistants", _delete_assistant, "assistant.delete"),
    Intent.TEAM: Way("button-team", "team", _listing(team.open_team, "team")),
    Intent.PAGE: Way("button-public-page", "page", _screen(open_page)),
    Intent.LANGUAGE: Way("button-language", "language", _speak),
    Intent.UNDO: Way("button-changes", "changes", _screen(show_last)),
    Intent.HOURS: Way("button-hours", "hours", _screen(hours.open_hours)),
    Intent.QUICK_REPLIES: Way("button-quick", "quick", _screen(quick_replies.open_questions)),
    Intent.KEYS: Way("button-keys", "keys", _listing(keys.open_keys, "keys")),
    Intent.PARAMETERS: Way("button-parameters", "parameters", _screen(parameters.open_parameters)),
    Intent.WEBHOOKS: Way("button-hooks", "hooks", _listing(webhooks.open_hooks, "hooks")),
    Intent.EXPORT: Way("button-archive-about", "archive", _screen(archive.show_about)),
    Intent.SHOPPER: Way("button-shopper", "shopper", _screen(shopper.open_shopper)),
    Intent.CONTRADICTIONS: Way("button-compare-documents", "docs.compare", _screen(contradictions.compare)),
    Intent.HELP: Way("button-help", "help", _screen(help_out)),
}


async def take_words(talk: Talk, message: Message) -> None:
    text = (message.text or "").strip()
    if await first_steps.take_word(talk, text):
        return
    if await talk.state.get_state():  # a card stood before him, and he goes on with something else
        await talk.expect_nothing()
        if only_addresses(text):
            await sites.offer(talk, message)
            return
    if await _take_value(talk, text):
        return
    reading = await _read(talk, text)
    if reading.intent:
        way = WAYS[reading.intent]
        await must_be_in_team(talk.actor, way.least_role(talk.roles))
        await way.open(talk, text)
    elif reading.perhaps:
        await _ask_what_was_meant(talk, text, reading)
    else:
        await ask.take_text(talk, text)


async def _take_value(talk: Talk, text: str) -> bool:
    """What says its value so plainly that no example is needed: how to write, and when people are there."""
    example, said = tone_example_in(text), hours_said(text)
    if said and not says_hours(said):
        said = None
    if example is None and said is None:
        return False
    await must_be_in_team(talk.actor, role_for(talk.roles, "hours" if example is None else "style"))
    if example is not None:
        await tone_examples.take_said(talk, example)
    elif said:
        await hours.take_said(talk, said)
    else:
        await hours.ask_hours(talk)
    return True


async def _read(talk: Talk, text: str) -> Reading:
    """A value that he said at once says nothing about what he wants. Without the embedding model nothing is understood,
    and everything else still works."""
    wish, value = _value_in(text)
    try:
        if value and (reading := await talk.intents.read(wish)).intent in _WITH_VALUES:
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
    on_message(router, Role.OPERATOR, take_words, StateFilter(None, FirstSteps.card), F.text)
    return router
