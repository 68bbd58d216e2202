"""An owner's own Slack app: made from a manifest in three steps, and its tokens, in any order and number of messages.

What he has sent so far is kept sealed. Tokens leave the chat as a Telegram bot's does.
"""

import asyncio
import re
import tempfile
from pathlib import Path
from uuid import UUID

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message

from admin_bot.channel import follow_start, show_channels, title_of
from admin_bot.routes import on_button, on_edited, on_message
from admin_bot.talk import Talk
from core.errors import NotFound, ProductError
from core.keyring import WrongMasterKey
from core.models import Assistant, Channel, Role
from core.slack.connecting import connect_slack
from core.slack.manifest import as_file, https_address, manifest, new_app_link
from core.slack.tokens import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, must_be_bot_token
from core.slack.workspaces import workspace_behind

UNMISTAKABLE = re.compile(r"(?<![\w-])x(?:app|ox[a-z](?:\.xox[a-z])?)-[\w-]{8,}", re.ASCII)
"""Any of Slack's tokens, also of kinds that are no use here."""
HELD = "slack_tokens"
"""Where an owner's data hold for which assistant he connects Slack, and what he has sent, sealed."""
BOT, SECRET, APP = "bot_token", "signing_secret", "app_token"


class ConnectingSlack(StatesGroup):
    tokens = State()


async def show_steps(talk: Talk) -> None:
    """The manifest as a file, too: for who would rather read it, or whose link comes up empty."""
    assistant = await talk.assistant()
    address = https_address(talk.core.settings)
    made = manifest(assistant.name, talk.words("slack-app-about"), address)
    await _send_file(talk, as_file(made))
    await _hold(talk, assistant.id, {})
    await talk.say(
        talk.words("admin-slack-steps", assistant=assistant.name, mode="http" if address else "socket"),
        [talk.link("button-slack-make", new_app_link(made))],
        [talk.button("button-cancel", "slack.no")],
    )


async def ask_again(talk: Talk, channel: Channel) -> None:
    """Its app is there still; only its bot token is a new one."""
    try:
        secrets = talk.core.keyring.unseal(channel.secrets)
    except WrongMasterKey:
        await show_steps(talk)
        return
    held = {name: secrets[name] for name in (SECRET, APP) if secrets.get(name)}
    await _hold(talk, channel.assistant_id, held, channel.identity)
    await talk.show(
        talk.words("admin-slack-again", bot=title_of(talk.core, channel, talk.locale)),
        [talk.link("button-slack-apps", f"https://api.slack.com/apps/{channel.settings['app_id']}/install-on-team")],
        [talk.button("button-cancel", "slack.no")],
    )


async def remove_tokens(talk: Talk, message: Message) -> None:
    """Before anything else happens, whoever sent it."""
    text = _text(message)
    if not (UNMISTAKABLE.search(text) or SIGNING_SECRET.search(text)):
        return
    if not await talk.outbound.delete(talk.chat_id, message.message_id):
        await talk.say(talk.words("admin-token-not-deleted"))


async def take_slack_tokens(talk: Talk, message: Message) -> None:
    """One or all of them; what is missing is asked for. One that is wrong is forgotten, the others are not."""
    text = _text(message)
    assistant, held, identity = await _held(talk)
    found = _tokens_in(text)
    if not found:
        if wrong := UNMISTAKABLE.search(text):
            must_be_bot_token(wrong.group())
        await talk.say(talk.words("admin-slack-none"), [talk.button("button-cancel", "slack.no")])
        return
    if identity and BOT in found and (await workspace_behind(talk.core, found[BOT])).identity != identity:
        held, identity = {}, ""  # another app's, so its other secrets are others, too
    held |= found
    await _hold(talk, assistant.id, held, identity)
    if not (BOT in held and (SECRET in held or APP in held)):
        await _ask_for_rest(talk, held)
        return
    try:
        channel = await connect_slack(
            talk.core,
            talk.actor,
            assistant,
            bot_token=held[BOT],
            signing_secret=held.get(SECRET, ""),
            app_token=held.get(APP, ""),
        )
    except ProductError as error:
        wrong_one = str(error.facts.get("field", ""))
        await _hold(talk, assistant.id, {name: value for name, value in held.items() if name != wrong_one}, identity)
        raise
    await _forget(talk)
    await follow_start(talk, channel)


async def cancel(talk: Talk) -> None:
    await _forget(talk)
    await show_channels(talk, talk.words("admin-cancelled"))


async def _ask_for_rest(talk: Talk, held: dict[str, str]) -> None:
    if BOT not in held:
        asked = talk.words("admin-slack-need-bot")
    else:
        mode = "http" if https_address(talk.core.settings) else "socket"
        asked = talk.words("admin-slack-need-secret", mode=mode)
    await talk.say(asked, [talk.button("button-cancel", "slack.no")])


def _tokens_in(text: str) -> dict[str, str]:
    """By how they look."""
    looks = {BOT: BOT_TOKEN, APP: APP_TOKEN, SECRET: SIGNING_SECRET}
    seen = {name: pattern.search(text) for name, pattern in looks.items()}
    return {name: match.group() for name, match in seen.items() if match}


async def _held(talk: Talk) -> tuple[Assistant, dict[str, str], str]:
    """For which assistant, what of it he has sent, and which workspace is meant, if that is known."""
    data = (await talk.state.get_data()).get(HELD)
    if not data:
        return await talk.assistant(), {}, ""
    try:
        return await talk.choose(UUID(data["assistant"])), talk.core.keyring.unseal(data["held"]), data["identity"]
    except (NotFound, WrongMasterKey):
        return await talk.assistant(), {}, ""


async def _hold(talk: Talk, assistant_id: UUID, held: dict[str, str], identity: str = "") -> None:
    kept = {"assistant": str(assistant_id), "held": talk.core.keyring.seal(held), "identity": identity}
    await talk.state.update_data({HELD: kept})
    await talk.state.set_state(ConnectingSlack.tokens)


async def _forget(talk: Talk) -> None:
    await talk.state.update_data({HELD: None})
    await talk.expect_nothing()


async def _send_file(talk: Talk, text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "slack-app.json"
        await asyncio.to_thread(place.write_text, text, encoding="utf-8")
        await talk.outbound.send_file(talk.place, place, place.name)


def _text(message: Message) -> str:
    return message.text or message.caption or ""


def setup_tokens() -> Router:
    """Asked before all rooms, as a Telegram bot's token is."""
    router = Router(name="slack tokens")
    for on in (on_message, on_edited):
        for words in (F.text, F.caption):
            on(router, Role.OWNER, take_slack_tokens, words.regexp(UNMISTAKABLE, mode="search"), before=remove_tokens)
    return router


def setup() -> Router:
    router = Router(name="slack app")
    on_button(router, Role.OWNER, "slack.own", show_steps)
    on_button(router, Role.OWNER, "slack.no", cancel)
    on_message(router, Role.OWNER, take_slack_tokens, StateFilter(ConnectingSlack.tokens), F.text, before=remove_tokens)
    return router
