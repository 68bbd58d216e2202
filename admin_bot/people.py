"""An owner answers a customer himself: what he writes goes there, until he closes the conversation or leaves it.

What the customer writes meanwhile comes from admin_bot/notices.py; a reply to it goes to that customer, whomever he is
writing to. While he looks at something else in the bot, nothing he types goes anywhere before he has said to whom.
"""

from uuid import UUID, uuid5

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.types import Message

from admin_bot.ask import take_text
from admin_bot.keyboards import PAGE, Press, Row
from admin_bot.passing_on import LIMIT_MB, pass_on
from admin_bot.people_words import BELOW, facts_of_wait, known_of, last_turns, name_of
from admin_bot.routes import on_button, on_message, on_press
from admin_bot.talk import Talk
from admin_bot.talking import TALKING, Answering, begin, conversation_shown_in, end, notices_key
from core.errors import NotFound
from core.models import BotState, Conversation, ConversationState, Role
from core.operators import (
    close_conversation,
    count_lapsed,
    reply_to_customer,
    take_conversation,
    taken_by,
    waiting_for_people,
)

MEANT = "meant_for_whom"
"""A text of which it is asked to whom it goes."""


async def list_people(talk: Talk) -> None:
    """Whom he talks to, who waits, longest first, and how many were left alone."""
    await talk.expect_nothing()
    mine = (await taken_by(talk.actor))[:PAGE]
    waiting = (await waiting_for_people(talk.actor.tenant_id))[:PAGE]
    lines = [talk.words("admin-people-mine"), *(_line(talk, number, one) for number, one in enumerate(mine, 1))]
    lines = [*lines, ""] if mine else []
    lines.append(talk.words("admin-people-list" if waiting else "admin-people-none"))
    lines += [_line(talk, number, one) for number, one in enumerate(waiting, len(mine) + 1)]
    rows: list[Row] = [
        [
            talk.button("button-people-answer-item", "people.take", one.id, number=number),
            talk.button("button-people-close-item", "people.close", one.id, number=number),
        ]
        for number, one in enumerate([*mine, *waiting], 1)
    ]
    if lapsed := await count_lapsed(talk.actor.tenant_id):
        lines += ["", talk.words("admin-people-lapsed", count=lapsed)]
    last = [talk.button("button-group", "group"), talk.button("button-menu", "menu")]
    await talk.show("\n".join(lines), *rows, last)


def _line(talk: Talk, number: int, conversation: Conversation) -> str:
    facts = facts_of_wait(talk.core, talk.locale, conversation)
    return talk.words("admin-people-line", number=number, **facts)


async def take(talk: Talk, press: Press) -> None:
    """From now on his texts go to this customer. Raises `ConversationTaken`."""
    conversation = await talk.conversation(press.id)
    await take_conversation(talk.actor, conversation)
    await _forget_notice(talk, conversation)
    await _begin(talk, conversation)
    await _write_to(talk, conversation)
    said = talk.words("admin-people-answering", who=_who(talk, conversation))
    known = await known_of(talk.core, talk.locale, conversation.contact)
    text = f"{said}\n\n{known}{await last_turns(conversation)}"
    about = [talk.button("button-customer", "customer", conversation.contact_id)]
    await _tell(talk, press, text, _ways_out(talk, conversation), about)


async def send(talk: Talk, message: Message) -> None:
    """To the customer, if he is still this owner's. Raises `CustomerUnreachable`, `Invalid`."""
    conversation = await talk.conversation(await talk.writes_to())
    if not _is_his(talk, conversation):
        await _write_to(talk, None)
        await talk.say(
            talk.words("admin-people-ended", who=_who(talk, conversation)),
            [
                talk.button("button-people-answer", "people.take", conversation.id, BELOW),
                talk.button("button-menu", "menu"),
            ],
        )
        return
    await _pass_on(talk, conversation, message)


async def _pass_on(talk: Talk, conversation: Conversation, message: Message) -> bool:
    """Words or a file; False when he was told why it does not go. Raises as `send`."""
    turn = uuid5(conversation.id, f"{talk.chat_id}:{message.message_id}")
    problem = await pass_on(talk.core, talk.actor, conversation, message, turn)
    if problem:
        await talk.say(talk.words(problem, limit=LIMIT_MB), _ways_out(talk, conversation))
    return not problem


async def reply(talk: Talk, message: Message) -> None:
    """To the customer whose message he replies to. Raises as `send`, and `ConversationTaken`."""
    conversation = await talk.conversation(await _replied_to(talk, message))
    await take_conversation(talk.actor, conversation)
    await _begin(talk, conversation)
    if not await _pass_on(talk, conversation, message):
        return
    if await talk.writes_to() != conversation.id or await talk.state.get_state() != Answering.text.state:
        await talk.say(talk.words("admin-people-sent", who=_who(talk, conversation)), _choices(talk, conversation))


async def ask_whom(talk: Talk, message: Message) -> None:
    """He was writing to a customer and has looked at something else since: is this for the customer?"""
    conversation = await _customer_of(talk)
    if conversation is None:
        await take_text(talk, message.text or "")
        return
    await talk.state.update_data({MEANT: message.text or ""})
    who = _who(talk, conversation)
    await talk.say(
        talk.words("admin-people-whom", who=who),
        [talk.button("button-people-send", "people.send", conversation.id, who=who)],
        [talk.button("button-people-ask", "people.ask")],
    )


async def send_meant(talk: Talk, press: Press) -> None:
    """It was for the customer, and so is what he types next. Raises as `send`."""
    conversation = await talk.conversation(press.id)
    text = await _taken_text(talk)
    if not text or conversation.id != await talk.writes_to() or not _is_his(talk, conversation):
        raise NotFound(what="text")
    await reply_to_customer(talk.actor, conversation, text)
    await _write_to(talk, conversation)
    await talk.show(talk.words("admin-people-sent-on", who=_who(talk, conversation)), _ways_out(talk, conversation))


async def ask_meant(talk: Talk) -> None:
    """It was not for the customer."""
    text = await _taken_text(talk)
    if not text:
        raise NotFound(what="text")
    await take_text(talk, text)


async def hold_thing(talk: Talk, _message: Message) -> None:
    """A photograph meant for a customer is no document to learn from; it goes nowhere before he has said to whom."""
    conversation = await _customer_of(talk)
    if conversation:
        said = talk.words("admin-people-held", who=_who(talk, conversation))
        await talk.say(said, _choices(talk, conversation))
    else:
        await talk.say(talk.words("admin-people-held-nobody"), _to_menu(talk))


async def say_to_who_answers(talk: Talk, text: str) -> None:
    """With the name of the customer whom he writes to, and the ways out of that."""
    conversation = await _customer_of(talk)
    if conversation is None:
        await talk.say(text, _to_menu(talk))
        return
    await talk.say(f"{_who(talk, conversation)}: {text}", _ways_out(talk, conversation))


async def close(talk: Talk, press: Press) -> None:
    """The assistant takes over again; where nobody has answered yet, not by one tap. Raises `ConversationTaken`."""
    conversation = await talk.conversation(press.id)
    if conversation.state == ConversationState.WAITING:
        await talk.say(
            talk.words("admin-people-close-unanswered", who=_who(talk, conversation)),
            [
                talk.button("button-people-answer", "people.take", conversation.id),
                talk.button("button-people-dismiss", "people.dismiss", conversation.id),
            ],
        )
        return
    await dismiss(talk, press)


async def dismiss(talk: Talk, press: Press) -> None:
    """Close it, answered or not. Raises `ConversationTaken`."""
    conversation = await talk.conversation(press.id)
    await close_conversation(talk.core, talk.actor, conversation)
    await _forget_notice(talk, conversation)
    await end(talk.state.key.bot_id, conversation)
    await _stop_writing(talk, conversation)
    await _tell(talk, press, talk.words("admin-people-closed", who=_who(talk, conversation)), _to_menu(talk))


async def leave(talk: Talk, press: Press) -> None:
    conversation = await talk.conversation(press.id)
    await _stop_writing(talk, conversation)
    said = talk.words("admin-people-left", who=_who(talk, conversation))
    await _tell(talk, press, said, _choices(talk, conversation), _to_menu(talk))


async def is_reply(message: Message, talk: Talk) -> bool:
    """A filter: he replies to a customer's message."""
    return await _replied_to(talk, message) is not None


async def _replied_to(talk: Talk, message: Message) -> UUID | None:
    replied = message.reply_to_message
    if replied is None:
        return None
    return await conversation_shown_in(talk.state.key.bot_id, talk.chat_id, replied.message_id)


async def _customer_of(talk: Talk) -> Conversation | None:
    """The conversation that he is in, if it is still his."""
    chosen = await talk.writes_to()
    try:
        conversation = await talk.conversation(chosen) if chosen else None
    except NotFound:
        conversation = None
    if conversation and _is_his(talk, conversation):
        return conversation
    await _write_to(talk, None)
    return None


def _is_his(talk: Talk, conversation: Conversation) -> bool:
    return conversation.state == ConversationState.PERSON and conversation.taken_by == talk.user.id


async def _taken_text(talk: Talk) -> str:
    """What was to be asked about, once."""
    text = str((await talk.state.get_data()).get(MEANT, ""))
    await talk.state.update_data({MEANT: ""})
    return text


async def _begin(talk: Talk, conversation: Conversation) -> None:
    await begin(talk.state.key.bot_id, conversation, talk.chat_id, talk.user.id, talk.locale)


async def _write_to(talk: Talk, conversation: Conversation | None) -> None:
    await talk.state.update_data({TALKING: str(conversation.id) if conversation else ""})
    await talk.state.set_state(Answering.text if conversation else None)


async def _stop_writing(talk: Talk, conversation: Conversation) -> None:
    if await talk.writes_to() == conversation.id:
        await _write_to(talk, None)


async def _forget_notice(talk: Talk, conversation: Conversation) -> None:
    """His own: the message is about to say something else."""
    mine = BotState.filter(key__startswith=notices_key(talk.state.key.bot_id, conversation.id))
    await mine.filter(key__endswith=f":{talk.chat_id}").delete()


async def _tell(talk: Talk, press: Press, text: str, *rows: Row) -> None:
    await (talk.say if press.page == BELOW else talk.show)(text, *rows)


def _who(talk: Talk, conversation: Conversation) -> str:
    return name_of(talk.core, talk.locale, conversation)


def _ways_out(talk: Talk, conversation: Conversation) -> Row:
    done = talk.button("button-people-close", "people.close", conversation.id, BELOW)
    return [done, talk.button("button-people-leave", "people.leave", conversation.id, BELOW)]


def _choices(talk: Talk, conversation: Conversation) -> Row:
    more = talk.button("button-people-more", "people.take", conversation.id, BELOW)
    return [more, talk.button("button-people-close", "people.close", conversation.id, BELOW)]


def _to_menu(talk: Talk) -> Row:
    return [talk.button("button-menu", "menu")]


def setup() -> Router:
    router = Router(name="people")
    on_message(router, Role.OPERATOR, reply, is_reply)
    on_message(router, Role.OPERATOR, send, StateFilter(Answering.text))
    on_message(router, Role.OPERATOR, ask_whom, StateFilter(Answering.aside), F.text)
    on_message(router, Role.OPERATOR, hold_thing, StateFilter(Answering))
    on_button(router, Role.OPERATOR, "people", list_people)
    on_button(router, Role.OPERATOR, "people.ask", ask_meant)
    for do, handler in (
        ("people.take", take),
        ("people.send", send_meant),
        ("people.close", close),
        ("people.dismiss", dismiss),
        ("people.leave", leave),
    ):
        on_press(router, Role.OPERATOR, do, handler)
    return router
