"""The one question, "What is your business?", and whatever answers it: a link, a file, a story, or just a name.

An answer makes an assistant with a name for the time being and is read at once; what follows the reading ends with the
draft (`draft_card.py`). What cannot be used changes nothing and is told kindly.
"""

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import ContentType, Message
from tortoise.transactions import in_transaction

from admin_bot import knowledge, sites
from admin_bot.assistants import LONGEST_NAME, Naming, make_named
from admin_bot.downloading import FileLost, FileTooBig, download
from admin_bot.draft_card import look_at_draft
from admin_bot.keyboards import Row, keyboard
from admin_bot.menu import show_menu
from admin_bot.progress import Watched
from admin_bot.routes import on_button, on_command, on_message
from admin_bot.sites import shown_short
from admin_bot.talk import Talk
from core.assistants import create_assistant
from core.crawling.addresses import looks_like_address, shown
from core.drafting.profile import name_told
from core.drafting.steps import begin, being_read, knows_anything
from core.drafting.telling import Telling, Word, telling_in, word_in
from core.errors import AddressRefused, DocumentRejected, NotFound
from core.models import Assistant, Draft, DraftStep, Role, Tenant
from core.receiving import check_file, receive_file, receive_text
from core.sites import add_site, start_of
from core.telegram.formatting import Rich
from core.tenancy import assistant_of, assistants_of

MAKING, NAME = "making", "proposed_name"
"""In his data: the assistant that an answer is making, so that a restart makes no second one; a name he may mean."""


class FirstSteps(StatesGroup):
    """`card`: something of the first steps stands before him, and a word is enough. Or a name, an answer is awaited."""

    card = State()
    name = State()
    answer = State()


async def stand_by(talk: Talk) -> None:
    """From now on a word is enough; not for somebody who writes to a customer, whose words may be meant for him."""
    if await talk.writes_to():
        await talk.expect_nothing()
    else:
        await talk.state.set_state(FirstSteps.card)


async def skip(talk: Talk) -> None:
    """No answer now: a name will do, and everything else can follow."""
    asked = await talk.state.get_state() in (Naming.business.state, Naming.name.state)
    if not asked and await assistants_of(talk.actor):
        await show_menu(talk, talk.words("admin-old-button"))
        return
    await talk.state.set_state(Naming.name)
    await talk.show(talk.words("admin-first-name"))


async def take_business(talk: Talk, message: Message) -> None:
    await take_told(talk, message.text or "")


async def take_told(talk: Talk, text: str, assistant: Assistant | None = None) -> None:
    """An answer in words; `assistant` is there when he answers for one that knows nothing yet."""
    told = telling_in(text)
    if told.telling is Telling.LINK:
        await read_link(talk, told.value, assistant, told.others)
    elif told.telling is Telling.STORY:
        await _read_story(talk, text, assistant)
    elif told.telling is Telling.SKIP and assistant is None:
        await skip(talk)
    elif told.telling is Telling.NAME and assistant is None and len(told.value) <= LONGEST_NAME:
        await talk.state.update_data({NAME: told.value})
        await talk.say(
            talk.words("admin-business-name", name=told.value),
            [talk.button("button-name-yes", "first.named")],
            _skip(talk),
        )
    elif assistant is None and word_in(text) is Word.YES and await _proposed(talk):
        await take_proposed(talk)
    else:
        await talk.say(talk.words("admin-business-unclear"), [] if assistant else _skip(talk))


async def take_proposed(talk: Talk) -> None:
    """What he sent is the name."""
    name = await _proposed(talk)
    if not name:
        raise NotFound(what="name")
    await make_named(talk, name)
    await talk.state.update_data({NAME: ""})


async def _proposed(talk: Talk) -> str:
    return str((await talk.state.get_data()).get(NAME) or "")


async def take_link(talk: Talk, message: Message) -> None:
    """Where a name was asked for: an address says more."""
    await read_link(talk, (message.text or "").strip())


async def read_link(talk: Talk, address: str, assistant: Assistant | None = None, others: Sequence[str] = ()) -> None:
    """The first names the assistant; a message of its own tells of each of the others."""
    try:
        start = start_of(talk.core, address)
    except AddressRefused:
        await talk.say(talk.words("admin-business-link-refused"), [] if assistant else _skip(talk))
        return
    assistant = assistant or await _make(talk, shown(start).partition("/")[0].removeprefix("www."))
    site, _ = await add_site(talk.core, assistant, address, by=talk.actor)
    await sites.read_all(talk, others)
    await wait_for_draft(talk, assistant, shown_short(site.url))


async def _read_story(talk: Talk, text: str, assistant: Assistant | None) -> None:
    assistant = assistant or await _make(talk, name_told(text))
    title = knowledge.title_of(text) or talk.words("admin-text-unnamed")
    await receive_text(talk.core, assistant, title.replace("/", "-"), text, replaces=False, by=talk.actor)
    await wait_for_draft(talk, assistant, title)


async def take_first_file(talk: Talk, message: Message) -> None:
    """A file that answers the question. Where there is an assistant that knows something, it is one more."""
    if message.document is None:
        return
    assistant: Assistant | None = None
    if await talk.state.get_state() == FirstSteps.card.state:
        assistant = await talk.assistant()
        if not await is_read_first(assistant) or await talk.progress.is_followed(talk.chat_id, "draft", assistant.id):
            await knowledge.take_file(talk, message)
            return
    name = message.document.file_name or talk.words("admin-file-unnamed")
    told = await talk.say(talk.words("admin-file-receiving", name=name))
    try:
        arrived = await download(talk.core, message.document, message.bot)
        await check_file(talk.core, name, arrived)
    except FileTooBig:
        await _refuse(talk, told, talk.words("admin-file-too-big", name=name), assistant)
    except FileLost:
        await _refuse(talk, told, talk.words("admin-file-lost", name=name), assistant)
    except DocumentRejected as error:
        reason = talk.core.texts.explain(talk.locale, error)
        await _refuse(talk, told, talk.words("admin-file-refused", name=name, reason=reason), assistant)
    else:
        assistant = assistant or await _make(talk, (await Tenant.get(id=talk.actor.tenant_id)).name)
        replaces = bool(message.document.file_name)
        await receive_file(talk.core, assistant, name, arrived, replaces=replaces, by=talk.actor)
        await wait_for_draft(talk, assistant, name, told)


async def _refuse(talk: Talk, told: int, text: str, assistant: Assistant | None) -> None:
    row = [] if assistant else _skip(talk)
    if not await talk.outbound.edit(talk.chat_id, told, Rich(text), keyboard([row])):
        await talk.say(text, row)


async def refuse_others(talk: Talk) -> None:
    """A sticker, a photo, a voice message."""
    await talk.say(talk.words("admin-business-not-a-file"), _skip(talk))


async def _make(talk: Talk, name: str) -> Assistant:
    """The assistant of his answer, called so until it is drafted; after a restart, the one that was begun."""
    begun = (await talk.state.get_data()).get(MAKING)
    assistant: Assistant | None = None
    if begun:
        with suppress(NotFound):  # deleted meanwhile
            assistant = await assistant_of(talk.actor, UUID(begun))
    if assistant is None:
        name = name.strip()[:LONGEST_NAME] or talk.words("admin-text-unnamed")
        async with in_transaction():  # killed between the two, his answer would make a second one
            assistant = await create_assistant(talk.core, talk.actor, name, locale=talk.locale)
            await talk.state.update_data({MAKING: str(assistant.id)})
    await begin(assistant)
    return await talk.choose(assistant.id)


async def wait_for_draft(talk: Talk, assistant: Assistant, name: str, told: int | None = None) -> None:
    """From now on one message tells how far the reading is, and then shows the draft.

    What was asked is done with only after that: killed in between, the answer is taken again, and makes nothing new.
    """
    if await talk.progress.is_followed(talk.chat_id, "draft", assistant.id):
        await talk.say(talk.words("admin-next-wait"))
    else:
        watched = Watched("draft", assistant.id, talk.locale, name)
        glimpse = await look_at_draft(talk.core, watched) if told is None else None
        if glimpse:
            told = await talk.say(glimpse.text, *glimpse.rows)
        if told is not None and not (glimpse and glimpse.over):
            await talk.progress.follow(talk.chat_id, told, watched)
    async with in_transaction():
        await talk.state.update_data({MAKING: "", NAME: ""})
        await stand_by(talk)


async def is_read_first(assistant: Assistant) -> bool:
    """Its draft is not written yet."""
    return await Draft.filter(assistant_id=assistant.id, step=DraftStep.READING).exists()


async def knows_nothing(assistant: Assistant) -> bool:
    """His answer is still awaited: nothing was read, and nothing is being read."""
    if not await is_read_first(assistant) or await being_read(assistant.id):
        return False
    return not await knows_anything(assistant.id)


def _skip(talk: Talk) -> Row:
    return [talk.button("button-skip", "first.skip")]


def setup() -> Router:
    router = Router(name="business")
    asked = StateFilter(Naming.business, Naming.name, FirstSteps.card)
    on_message(router, Role.MANAGER, take_first_file, asked, F.document)
    on_command(router, Role.MANAGER, refuse_others, StateFilter(Naming.business), F.content_type != ContentType.TEXT)
    on_message(router, Role.MANAGER, take_link, StateFilter(Naming.name), F.text.func(looks_like_address))
    on_message(router, Role.MANAGER, take_business, StateFilter(Naming.business), F.text)
    on_button(router, Role.MANAGER, "first.skip", skip)
    on_button(router, Role.MANAGER, "first.named", take_proposed)
    return router
