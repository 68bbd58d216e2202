"""The first steps after the one question: the draft, sample answers, trying it, a bot; gone on with at any time.

Every button names its assistant, and where things stand is looked up, so old buttons, restarts and a second owner only
lead to what is next. A short word says the same as a button while a card is the last thing shown.
"""

from uuid import UUID

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.types import Message

from admin_bot import business, connecting, persona, samples
from admin_bot.assistants import LONGEST_NAME
from admin_bot.business import FirstSteps
from admin_bot.draft_card import draft_card, nothing_read
from admin_bot.keyboards import Press
from admin_bot.menu import show_menu
from admin_bot.routes import on_message, on_press
from admin_bot.talk import NoAssistant, Talk
from core.assistants import change_assistant
from core.drafting.steps import being_read, dismiss, follow_name, go_on, knows_anything, step_of, write_draft
from core.drafting.telling import Telling, Word, telling_in, word_in
from core.models import Assistant, DraftStep, Role, Site
from core.sites import request_reading
from core.team import must_be_in_team


async def resume(talk: Talk, press: Press) -> None:
    await show_step(talk, await talk.choose(press.id or UUID(int=0)))


async def show_step(talk: Talk, assistant: Assistant, said: str = "") -> None:
    """Whatever comes next for this assistant."""
    step = await step_of(assistant)
    if step is DraftStep.DONE:
        await show_menu(talk, said)
        return
    await business.stand_by(talk)
    if step is DraftStep.READING:
        await _show_reading(talk, assistant)
    elif step is DraftStep.DRAFT:
        await show_draft(talk, assistant, said)
    elif step is DraftStep.SAMPLES:
        await samples.show_next(talk, assistant, said)
    elif step is DraftStep.TRYING:
        await samples.end(talk, assistant, said)
    else:
        await offer_bot(talk)


async def _show_reading(talk: Talk, assistant: Assistant) -> None:
    """What is being read, the draft of what is known, or the question what there is to read."""
    if not await being_read(assistant.id) and not await knows_anything(assistant.id):
        text, rows = await nothing_read(talk.core, assistant, talk.locale)
        await talk.show(text, *(rows or [[talk.button("button-menu", "menu")]]))
    elif await being_read(assistant.id):
        await business.wait_for_draft(talk, assistant, assistant.name)
    else:
        await write_draft(talk.core, assistant)
        await show_draft(talk, assistant)


async def show_draft(talk: Talk, assistant: Assistant, said: str = "") -> None:
    text, rows = await draft_card(talk.core, assistant, talk.locale)
    await talk.show("\n\n".join(filter(None, (said, text))), *rows)


async def read_again(talk: Talk, press: Press) -> None:
    """Its site could not be read the last time."""
    assistant = await talk.choose(press.id or UUID(int=0))
    site = await Site.filter(assistant_id=assistant.id).order_by("-created_at").first()
    if site:
        await request_reading(talk.core.queue, site)
    await show_step(talk, assistant)


async def accept(talk: Talk, press: Press) -> None:
    """The draft is as it should be."""
    await go_on_from_draft(talk, await talk.choose(press.id or UUID(int=0)))


async def go_on_from_draft(talk: Talk, assistant: Assistant) -> None:
    await go_on(assistant, [DraftStep.DRAFT], DraftStep.SAMPLES)
    await show_step(talk, assistant)


async def ask_new_name(talk: Talk, press: Press) -> None:
    assistant = await talk.choose(press.id or UUID(int=0))
    await talk.state.set_state(FirstSteps.name)
    await talk.show(talk.words("admin-draft-name"), [talk.button("button-cancel", "first", assistant.id)])


async def take_new_name(talk: Talk, message: Message) -> None:
    await rename(talk, await talk.assistant(), " ".join((message.text or "").split()))


async def rename(talk: Talk, assistant: Assistant, name: str) -> None:
    """A greeting that was drafted says the new name."""
    if len(name) > LONGEST_NAME:
        await talk.say(talk.words("admin-too-long", limit=LONGEST_NAME, length=len(name)))
        return
    greeting = await follow_name(talk.core, assistant, name)
    await change_assistant(talk.actor, assistant, name=name, greeting=greeting)
    await show_step(talk, assistant, talk.words("admin-persona-saved"))


async def ask_tone(talk: Talk, press: Press) -> None:
    await _ask_value(talk, press, "tone")


async def ask_greeting(talk: Talk, press: Press) -> None:
    await _ask_value(talk, press, "greeting")


async def _ask_value(talk: Talk, press: Press, field: str) -> None:
    await talk.choose(press.id or UUID(int=0))
    await persona.ask_value(talk, Press(do=f"persona.{field}"))


async def connect(talk: Talk, press: Press) -> None:
    """The last step, tried or not."""
    assistant = await talk.choose(press.id or UUID(int=0))
    await go_on(assistant, [DraftStep.TRYING], DraftStep.CHANNEL)
    await offer_bot(talk)


async def offer_bot(talk: Talk) -> None:
    """A bot is an owner's to connect; whoever is not is told whom to ask."""
    await must_be_in_team(talk.actor, Role.OWNER)
    await connecting.open_ways(talk)


async def leave(talk: Talk, press: Press) -> None:
    await dismiss(await talk.choose(press.id or UUID(int=0)))
    await show_menu(talk, talk.words("admin-first-dismissed"))


async def take_word(talk: Talk, text: str) -> bool:
    """A word that says what a button would; False when it says something else, which then goes its usual way."""
    focused = await talk.state.get_state() == FirstSteps.card.state
    word = word_in(text)
    if not talk.actor.may(Role.MANAGER) or not (focused or word is Word.GO_ON):
        return False
    try:
        assistant = await talk.assistant()
    except NoAssistant:
        return False
    step = await step_of(assistant)
    if step is DraftStep.READING and focused and await _is_to_be_read(assistant, text):
        await business.take_told(talk, text, assistant)
        return True
    if word is None or step is DraftStep.DONE:
        return False
    if not focused or step in (DraftStep.READING, DraftStep.CHANNEL):
        await show_step(talk, assistant)
    elif step is DraftStep.DRAFT:
        await go_on_from_draft(talk, assistant)
    elif step is DraftStep.SAMPLES:
        await _decide(talk, assistant, word)
    else:
        await go_on(assistant, [DraftStep.TRYING], DraftStep.CHANNEL)
        await offer_bot(talk)
    return True


async def _is_to_be_read(assistant: Assistant, text: str) -> bool:
    """His answer is still awaited, or this is one more link."""
    return telling_in(text).telling is Telling.LINK or await business.knows_nothing(assistant)


async def _decide(talk: Talk, assistant: Assistant, word: Word) -> None:
    """About the sample answer that stands before him."""
    if word is Word.ALL:
        await samples.say_all(talk, assistant)
    elif word is Word.FINISH:
        await samples.end(talk, assistant)
    elif word is Word.YES:
        await samples.say_yes(talk, await samples.before_him(talk, assistant))
    elif word is Word.SKIP:
        await samples.say_no(talk, await samples.before_him(talk, assistant))
    else:
        await samples.show_next(talk, assistant)


def setup() -> Router:
    router = Router(name="first steps")
    on_message(router, Role.MANAGER, take_new_name, StateFilter(FirstSteps.name), F.text)
    on_press(router, Role.MANAGER, "first", resume)
    on_press(router, Role.MANAGER, "first.good", accept)
    on_press(router, Role.MANAGER, "first.again", read_again)
    on_press(router, Role.MANAGER, "first.name", ask_new_name)
    on_press(router, Role.MANAGER, "first.tone", ask_tone)
    on_press(router, Role.MANAGER, "first.greeting", ask_greeting)
    on_press(router, Role.MANAGER, "first.dismiss", leave)
    on_press(router, Role.OWNER, "first.connect", connect)
    return router
