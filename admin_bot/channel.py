"""The customers' bots that an assistant has: how each of them is, in plain words, and the one thing to do about it."""

from datetime import UTC, datetime
from uuid import UUID

from aiogram import Router
from aiogram.types import InlineKeyboardButton

from admin_bot.keyboards import Press, Row, button, link, page_of
from admin_bot.knowledge import turn_pages
from admin_bot.progress import Glimpse, Watched
from admin_bot.routes import on_press
from admin_bot.talk import Talk
from core.app import Core
from core.channel_care import last_heard, pause, resume, set_groups, try_again
from core.channels import PERSON, TELEGRAM, TOGETHER, channels_of, disconnect, groups_of
from core.errors import NotFound
from core.models import Channel, ChannelState, Role
from core.slack.connecting import SLACK, app_link
from core.team import must_be_in_team
from core.tenancy import assistants_everywhere, assistants_of, channel_of

PATIENCE_S = 15.0
IN_WORDS = {"error-wrong-bot-token": "channel-token-refused", "error-wrong-slack-token": "slack-revoked"}
"""What a code says of a bot that ran before, where it has another sentence for a token just typed."""
NEEDS_TOKEN = {"error-wrong-bot-token", "error-wrong-master-key"}
NEEDS_SLACK = {"error-wrong-slack-token", "error-wrong-master-key", "slack-uninstalled", "slack-revoked"}


async def show_channels(talk: Talk, said: str = "", page: int = 0, undo: Row = ()) -> None:
    """One bot is shown with all that can be done; of several, a list and what each needs most. `undo` takes back what
    has just been done."""
    assistant = await talk.assistant()
    await talk.expect_nothing()
    channels = await channels_of(assistant)
    menu = talk.button("button-menu", "menu")
    above = f"{said}\n\n" if said else ""
    if not channels:
        text = talk.words("admin-channels-none")
        ways = [[talk.button("button-connect", "connect")], [talk.button("button-connect-slack", "slack")]]
        await talk.show(above + text, undo, *ways, [menu])
        return
    more = [talk.button("button-connect-another", "connect"), talk.button("button-connect-slack", "slack")]
    title = talk.words("admin-channels", assistant=assistant.name)
    if len(channels) == 1:
        text, rows = await _card(talk, channels[0])
        await talk.show(f"{above}{title}\n\n{text}", undo, *rows, more, [menu])
        return
    shown = page_of(channels, page)
    lines = [health_of(talk.core, channel, talk.locale) for channel in shown]
    rows = [
        [talk.button("button-bot", "bot", channel.id, bot=title_of(talk.core, channel, talk.locale))]
        for channel in shown
    ]
    turns = turn_pages(talk, "bots", page, len(channels))
    await talk.show("\n".join((f"{above}{title}", "", *lines)), undo, *rows, turns, more, [menu])


def title_of(core: Core, channel: Channel, locale: str) -> str:
    """What its owner calls it."""
    if channel.kind == SLACK:
        return core.texts.say(locale, "slack-name", team=channel.name)
    return f"@{channel.name}"


def place_of(channel: Channel) -> str:
    """Where its customers are; a name that every language has."""
    return "Slack" if channel.kind == SLACK else "Telegram"


def health_of(core: Core, channel: Channel, locale: str) -> str:
    """How it is, and what its owner does about it, in a sentence or two."""
    say = core.texts.say
    bot = title_of(core, channel, locale)
    if not channel.enabled:
        return say(locale, "admin-slack-stopped" if channel.kind == SLACK else "admin-channel-stopped", bot=bot)
    reason = ""
    if channel.state == ChannelState.FAILED:
        code = IN_WORDS.get(channel.error_code, channel.error_code)
        reason = say(locale, code if core.texts.knows(code) else "channel-broken", **channel.error_facts)
    return say(locale, f"admin-channel-{channel.state.value}", bot=bot, reason=reason)


def sign_of(core: Core, channel: Channel, locale: str) -> str:
    """His bot in the menu: what is well needs no sign."""
    bot = title_of(core, channel, locale)
    if not channel.enabled:
        return f"⏸ {bot}"
    return f"⚠️ {bot}" if channel.state == ChannelState.FAILED else bot


def open_it(core: Core, channel: Channel, locale: str) -> InlineKeyboardButton:
    """To where its customers write."""
    url = app_link(channel) if channel.kind == SLACK else f"https://t.me/{channel.name}"
    return link(core.texts.say(locale, "button-open-bot", bot=title_of(core, channel, locale)), url)


async def _card(talk: Talk, channel: Channel) -> tuple[str, list[Row]]:
    heard = await last_heard(channel)
    lines = [health_of(talk.core, channel, talk.locale), talk.words("admin-channel-never-heard")]
    if heard:
        minutes = max(0, int((datetime.now(UTC) - heard).total_seconds() // 60))
        lines[1] = talk.words("admin-channel-heard", ago=_ago(talk, minutes))
    switch = [talk.button("button-bot-pause", "bot.pause", channel.id)] if channel.enabled else []
    bot = title_of(talk.core, channel, talk.locale)
    disconnecting = [talk.button("button-disconnect", "bot.off", channel.id, bot=bot)]
    groups = [talk.button("button-bot-groups", "bot.groups", channel.id)] if channel.kind == TELEGRAM else []
    return "\n".join(lines), [_first_thing(talk, channel), groups, switch, disconnecting]


def _ago(talk: Talk, minutes: int) -> str:
    """The largest unit that is full."""
    for name, length in (("days", 24 * 60), ("hours", 60), ("minutes", 1)):
        if minutes >= length:
            return talk.words(f"ago-{name}", count=minutes // length)
    return talk.words("ago-now")


def _first_thing(talk: Talk, channel: Channel) -> list[InlineKeyboardButton]:
    """What helps most as things stand."""
    if not channel.enabled:
        return [talk.button("button-bot-resume", "bot.on", channel.id)]
    if channel.state == ChannelState.RUNNING:
        return [open_it(talk.core, channel, talk.locale)]
    if channel.state != ChannelState.FAILED:
        return [talk.button("button-look-again", "bot", channel.id)]
    if channel.kind == SLACK and channel.error_code in NEEDS_SLACK:
        return [talk.button("button-slack-again", "slack.again", channel.id)]
    if channel.error_code in NEEDS_TOKEN:
        return [talk.button("button-new-token", "bot.token", channel.id)]
    again = talk.button("button-try-again", "bot.again", channel.id)
    if channel.error_code == "channel-read-elsewhere":
        return [again, talk.button("button-new-token", "bot.token", channel.id)]
    return [again]


async def open_channels(talk: Talk) -> None:
    await show_channels(talk)


async def list_channels(talk: Talk, press: Press) -> None:
    await show_channels(talk, page=press.page)


async def open_channel(talk: Talk, press: Press) -> None:
    await show_channel(talk, await own_channel(talk, press.id))


async def mend_bot(talk: Talk, press: Press) -> None:
    """He was told that it has stopped, in whichever of his businesses it is."""
    for assistant in await assistants_everywhere(talk.user.id):
        if press.id in {channel.id for channel in await channels_of(assistant)}:
            await talk.choose(assistant.id)
            await must_be_in_team(talk.actor, Role.MANAGER)
    await open_channel(talk, press)


async def show_groups(talk: Talk, press: Press) -> None:
    """How it talks in groups, what it sees there, and the other way."""
    await _show_groups(talk, await own_channel(talk, press.id))


async def _show_groups(talk: Talk, channel: Channel, undo: Row = ()) -> None:
    together = groups_of(channel) == TOGETHER
    text = talk.words("admin-bot-groups-together" if together else "admin-bot-groups-person", username=channel.name)
    other = "button-groups-person" if together else "button-groups-together"
    await talk.show(
        f"{text}\n\n{talk.words('admin-bot-groups-privacy', username=channel.name)}",
        undo,
        [talk.button(other, "bot.groups.person" if together else "bot.groups.together", channel.id)],
        [
            talk.button("button-bot", "bot", channel.id, bot=title_of(talk.core, channel, talk.locale)),
            talk.button("button-menu", "menu"),
        ],
    )


async def set_bot_groups(talk: Talk, press: Press) -> None:
    channel = await own_channel(talk, press.id)
    await set_groups(talk.actor, channel, TOGETHER if press.do.endswith(TOGETHER) else PERSON)
    await _show_groups(talk, await own_channel(talk, press.id), await talk.undo_row(channel.id))


async def show_channel(talk: Talk, channel: Channel) -> None:
    text, rows = await _card(talk, channel)
    await talk.show(text, *rows, [talk.button("button-channels", "bots"), talk.button("button-menu", "menu")])


async def pause_bot(talk: Talk, press: Press) -> None:
    channel = await own_channel(talk, press.id)
    await pause(talk.actor, channel)
    await show_channel(talk, await own_channel(talk, press.id))


async def resume_bot(talk: Talk, press: Press) -> None:
    channel = await own_channel(talk, press.id)
    await resume(talk.actor, channel)
    await follow_start(talk, channel)


async def try_bot_again(talk: Talk, press: Press) -> None:
    channel = await own_channel(talk, press.id)
    await try_again(talk.core, channel)
    await follow_start(talk, channel)


async def follow_start(talk: Talk, channel: Channel) -> None:
    """A message that tells when the bot is live, or why it is not."""
    bot = title_of(talk.core, channel, talk.locale)
    told = await talk.show(talk.words("admin-connected-waiting", bot=bot))
    await talk.progress.follow(talk.chat_id, told, Watched("channel", channel.id, talk.locale, bot))


async def look_at_channel(core: Core, watched: Watched) -> Glimpse:
    """Whether a bot that was just connected is live yet."""
    channel = await Channel.get_or_none(id=watched.subject)

    def words(key: str) -> str:
        return core.texts.say(watched.locale, key, bot=watched.name)

    menu = button(words("button-menu"), "menu")
    if channel is None:
        return Glimpse(words("admin-disconnected"), ([menu],), over=True)
    if channel.enabled and channel.state == ChannelState.RUNNING:
        live = "admin-slack-connected" if channel.kind == SLACK else "admin-connected"
        text = core.texts.say(watched.locale, live, bot=watched.name, username=channel.name)
        return Glimpse(text, ([open_it(core, channel, watched.locale)], [menu]), over=True)
    rows = ([button(words("button-channels"), "bots"), menu],)
    if channel.state == ChannelState.FAILED or not channel.enabled:
        return Glimpse(health_of(core, channel, watched.locale), rows, over=True)
    if watched.age_s > PATIENCE_S:
        return Glimpse(words("admin-connected-slow"), rows, over=True)
    return Glimpse(words("admin-connected-waiting"))


async def confirm_disconnect(talk: Talk, press: Press) -> None:
    channel = await own_channel(talk, press.id)
    asked = "admin-slack-disconnect" if channel.kind == SLACK else "admin-disconnect"
    await talk.show(
        talk.words(asked, bot=title_of(talk.core, channel, talk.locale)),
        [talk.button("button-disconnect-yes", "bot.off.yes", channel.id), talk.button("button-keep", "bots")],
    )


async def disconnect_bot(talk: Talk, press: Press) -> None:
    channel = await own_channel(talk, press.id)
    await disconnect(talk.actor, channel)
    said = talk.words("admin-disconnected", bot=title_of(talk.core, channel, talk.locale))
    await show_channels(talk, said, undo=await talk.undo_row(channel.id))


async def own_channel(talk: Talk, channel_id: UUID | None) -> Channel:
    """The bot of a button, in whichever of his assistants it is. Raises `NotFound`."""
    for assistant in await assistants_of(talk.actor):
        try:
            return await channel_of(assistant, channel_id or UUID(int=0))
        except NotFound:
            continue
    raise NotFound(what="channel")


def setup() -> Router:
    router = Router(name="channel")
    on_press(router, Role.MANAGER, "bots", list_channels)
    on_press(router, Role.MANAGER, "bot", open_channel)
    on_press(router, Role.OPERATOR, "bot.mend", mend_bot)
    for do, handler in (
        ("bot.pause", pause_bot),
        ("bot.on", resume_bot),
        ("bot.again", try_bot_again),
        ("bot.off", confirm_disconnect),
        ("bot.off.yes", disconnect_bot),
        ("bot.groups", show_groups),
        ("bot.groups.person", set_bot_groups),
        ("bot.groups.together", set_bot_groups),
    ):
        on_press(router, Role.OWNER, do, handler)
    return router
