"""What the assistant learns its voice from: how much of what, each example to be struck out, the owner's own chats."""

import asyncio
from pathlib import Path
from uuid import UUID

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import InlineKeyboardButton, Message

from admin_bot.downloading import FileLost, FileTooBig, download
from admin_bot.keyboards import Press, Row, shortened
from admin_bot.routes import on_button, on_message, on_press
from admin_bot.talk import Talk
from core.errors import NotFound
from core.learning.data_set import ENOUGH, DataSet, gather, strike, unstrike
from core.learning.examples import Source
from core.learning.exchanges import ExamplesUnreadable
from core.learning.own_pairs import Taken, count_own_pairs, forget_own_pairs, take_pairs
from core.learning.report import SOURCES
from core.models import Role

FILE, NAME, WHO = "examples_file", "examples_name", "examples_who"
"""Where an owner's data keep a chat while he says who of it he is."""
_LONGEST = 700


class SendingExamples(StatesGroup):
    """A file of his own words is expected."""

    file = State()


async def show_examples(talk: Talk) -> None:
    """How many there are of each kind, and what is left out. Raises `NoAssistant`."""
    await _show(talk)


async def _show(talk: Talk, said: str = "") -> None:
    assistant = await talk.assistant()
    await talk.expect_nothing()
    await _let_go(talk)
    found, own = await gather(talk.core, assistant), await count_own_pairs(assistant)
    shown = [source for source in Source if found.of(source)]
    lines = [
        *([said, ""] if said else []),
        talk.words("admin-examples", assistant=assistant.name, count=found.taught),
        *counted(talk, found),
        *_left_out(talk, found),
        *([talk.words("admin-examples-missing", count=ENOUGH - found.taught)] if found.taught < ENOUGH else []),
    ]
    rows: list[Row] = [
        [_look_at(talk, source, found) for source in shown[at : at + 2]] for at in range(0, len(shown), 2)
    ]
    await talk.show(
        "\n".join(lines),
        *rows,
        [talk.button("button-examples-add", "ex.add")],
        [talk.button("button-examples-forget", "ex.forget", count=own)] if own else [],
        [talk.button("button-training", "training"), talk.button("button-menu", "menu")],
    )


async def _let_go(talk: Talk) -> None:
    """A chat whose owner did not say who he is must not stay on the disk."""
    if kept := (await talk.state.get_data()).get(FILE):
        await asyncio.to_thread(Path(str(kept)).unlink, missing_ok=True)
        await talk.state.update_data({FILE: ""})


def counted(talk: Talk, found: DataSet) -> list[str]:
    """A line for each source that gives something."""
    return [f"• {talk.words(SOURCES[source])}: {found.counts[source]}" for source in Source if found.counts[source]]


def _left_out(talk: Talk, found: DataSet) -> list[str]:
    if not found.left_out:
        return []
    why = {
        "struck": "left-out-struck",
        "alike": "left-out-alike",
        "language": "left-out-language",
        "personal": "left-out-personal",
        "short": "left-out-short",
        "beyond": "left-out-beyond",
    }
    said = ", ".join(f"{talk.words(why[reason])} {count}" for reason, count in found.left_out.items())
    return [talk.words("admin-examples-left-out", said=said)]


def _look_at(talk: Talk, source: Source, found: DataSet) -> InlineKeyboardButton:
    label = f"👀 {talk.words(SOURCES[source])}: {len(found.of(source))}"
    return talk.named_button(label, f"ex.{source.value}")


async def look(talk: Talk, press: Press) -> None:
    """One example of a source, by its place."""
    await _look(talk, Source(press.do.removeprefix("ex.")), press.page)


async def strike_out(talk: Talk, press: Press) -> None:
    await strike(await talk.assistant(), _key(press))
    await _look(talk, Source(press.do.removeprefix("ex.out.")), press.page)


async def take_back(talk: Talk, press: Press) -> None:
    await unstrike(await talk.assistant(), _key(press))
    await _look(talk, Source(press.do.removeprefix("ex.in.")), press.page)


def _key(press: Press) -> str:
    if press.id is None:
        raise NotFound(what="example")
    return press.id.hex


async def _look(talk: Talk, source: Source, place: int) -> None:
    found = await gather(talk.core, await talk.assistant())
    examples, struck = found.of(source), {one.key for one in found.struck}
    if not examples:
        await _show(talk)
        return
    place = min(max(place, 0), len(examples) - 1)
    example = examples[place]
    is_struck = example.key in struck
    text = talk.words(
        "admin-example",
        source=talk.words(SOURCES[source]),
        number=place + 1,
        count=len(examples),
        question=shortened(example.question, _LONGEST),
        answer=shortened(example.answer, _LONGEST),
    )
    if is_struck:
        text = f"{text}\n\n{talk.words('admin-example-struck')}"
    label, do = ("button-example-in", "ex.in") if is_struck else ("button-example-out", "ex.out")
    await talk.show(
        text,
        [talk.button(label, f"{do}.{source.value}", UUID(hex=example.key), place)],
        [
            *([talk.button("button-previous", f"ex.{source.value}", page=place - 1)] if place else []),
            *([talk.button("button-next", f"ex.{source.value}", page=place + 1)] if place + 1 < len(examples) else []),
        ],
        [talk.button("button-examples", "ex")],
    )


async def ask_file(talk: Talk) -> None:
    await talk.assistant()
    await talk.state.set_state(SendingExamples.file)
    await talk.show(talk.words("admin-examples-add"), [talk.button("button-cancel", "ex")])


async def take_file(talk: Talk, message: Message) -> None:
    """His file of pairs; of a chat, he is asked who he is."""
    if message.document is None:
        await talk.say(talk.words("admin-examples-add"), [talk.button("button-cancel", "ex")])
        return
    await _let_go(talk)
    name = message.document.file_name or "file"
    told = await talk.say(talk.words("admin-examples-reading", name=name))
    talk.shown = told
    try:
        arrived = await download(talk.core, message.document, message.bot)
    except FileTooBig:
        await _ask_again(talk, talk.words("admin-file-too-big", name=name))
        return
    except FileLost:
        await _ask_again(talk, talk.words("admin-file-lost", name=name))
        return
    await _take(talk, arrived, name, "")


async def choose_speaker(talk: Talk, press: Press) -> None:
    data = await talk.state.get_data()
    speakers, place = data.get(WHO) or [], Path(str(data.get(FILE, "")))
    if press.page >= len(speakers) or not await asyncio.to_thread(place.is_file):
        await _ask_again(talk, talk.words("admin-examples-gone"))
        return
    await _take(talk, place, str(data.get(NAME, "")), speakers[press.page])


async def _take(talk: Talk, place: Path, name: str, speaker: str) -> None:
    assistant = await talk.assistant()
    kept = False
    try:
        taken = await take_pairs(assistant, place, name, speaker)
        kept = bool(taken.speakers)
    except ExamplesUnreadable as error:
        await _ask_again(talk, talk.core.texts.explain(talk.locale, error))
        return
    finally:
        if not kept:
            await asyncio.to_thread(place.unlink, missing_ok=True)
    if not taken.speakers:
        await _show(talk, _what_came(talk, taken))
        return
    await talk.state.update_data({FILE: str(place), NAME: name, WHO: [one.id for one in taken.speakers]})
    rows: list[Row] = [
        [talk.named_button(f"{one.name}: {one.messages}", "ex.who", page=at)] for at, one in enumerate(taken.speakers)
    ]
    await talk.show(talk.words("admin-examples-who"), *rows, [talk.button("button-cancel", "ex")])


async def _ask_again(talk: Talk, said: str) -> None:
    await talk.state.set_state(SendingExamples.file)
    text = f"⚠️ {said}\n\n{talk.words('admin-examples-add')}"
    await talk.show(text, [talk.button("button-cancel", "ex")])


def _what_came(talk: Talk, taken: Taken) -> str:
    said = talk.words("admin-examples-added", count=taken.added)
    left_out = sum(taken.left_out.values())
    return f"{said} {talk.words('admin-examples-not-added', count=left_out)}" if left_out else said


async def ask_forget(talk: Talk) -> None:
    count = await count_own_pairs(await talk.assistant())
    await talk.show(
        talk.words("admin-examples-forget", count=count),
        [talk.button("button-examples-forget", "ex.forget.yes", count=count), talk.button("button-cancel", "ex")],
    )


async def forget(talk: Talk) -> None:
    removed = await forget_own_pairs(await talk.assistant())
    await _show(talk, talk.words("admin-examples-forgotten", count=removed))


def setup() -> Router:
    router = Router(name="examples")
    on_message(router, Role.MANAGER, take_file, StateFilter(SendingExamples.file), ~F.text.startswith("/"))
    on_button(router, Role.MANAGER, "ex", show_examples)
    on_button(router, Role.MANAGER, "ex.add", ask_file)
    on_button(router, Role.MANAGER, "ex.forget", ask_forget)
    on_button(router, Role.MANAGER, "ex.forget.yes", forget)
    on_press(router, Role.MANAGER, "ex.who", choose_speaker)
    on_press(router, Role.MANAGER, "ex.out.", strike_out)
    on_press(router, Role.MANAGER, "ex.in.", take_back)
    for source in Source:
        on_press(router, Role.MANAGER, f"ex.{source.value}", look)
    return router
