"""An answer that is spoken: heard by the transcriber, shown, and saved when its owner says that it was understood.

Where no transcriber is configured he is asked for text. Refuses to know what becomes of an answer
(admin_bot/verified.py).
"""

import asyncio
import logging
from pathlib import Path

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.types import Audio, Message, Voice

from admin_bot.downloading import TELEGRAM_LIMIT, FileLost, FileTooBig, download
from admin_bot.keyboards import shortened
from admin_bot.routes import on_button, on_message
from admin_bot.talk import Talk
from admin_bot.verified import GAP, LONGEST_ANSWER, Teaching, save_answer
from core.errors import NotFound
from core.models import Role
from core.settings import MEGABYTE
from core.storable import storable
from core.transcription import TranscriberUnavailable, transcribe
from core.words import is_blank

log = logging.getLogger(__name__)
HEARD = "heard"
"""In his data: the answer as it was understood."""
LONGEST_S = 600
"""Of a recording; nobody's answer takes longer, and a server's time is dear."""


async def take_voice(talk: Talk, message: Message) -> None:
    """While an answer of his is waited for; spoken again, it takes the place of what was understood before."""
    sound = message.voice or message.audio
    if sound is None or not talk.core.settings.transcriber_url:
        await talk.say(talk.words("admin-voice-none"))
        return
    if (sound.duration or 0) > LONGEST_S or (sound.file_size or 0) > TELEGRAM_LIMIT:
        await talk.say(_too_long(talk))
        return
    async with talk.outbound.typing(talk.place):
        said = await _understood(talk, message, sound)
    if said is None:
        return
    if is_blank(said):
        await talk.say(talk.words("admin-voice-silent"))
        return
    if len(said) > LONGEST_ANSWER:
        await talk.say(talk.words("admin-too-long", limit=LONGEST_ANSWER, length=len(said)))
        return
    cancel = "gaps" if (await talk.state.get_data()).get(GAP) else "answers"
    await talk.state.update_data({HEARD: said})
    await talk.state.set_state(Teaching.heard)
    await talk.say(
        talk.words("admin-voice-heard", text=shortened(said, LONGEST_ANSWER)),
        [talk.button("button-voice-save", "voice.save"), talk.button("button-cancel", cancel)],
    )


async def save_heard(talk: Talk) -> None:
    """Once: a second tap finds nothing that is waited for."""
    said = str((await talk.state.get_data()).get(HEARD, ""))
    if not said or await talk.state.get_state() != Teaching.heard.state:
        raise NotFound(what="answer")
    await save_answer(talk, said)
    await talk.state.update_data({HEARD: ""})


async def _understood(talk: Talk, message: Message, sound: Voice | Audio) -> str | None:
    """None when it could not be: he was told why, and what he can do."""
    try:
        recording = await download(talk.core, sound, message.bot)
    except FileTooBig:
        await talk.say(_too_long(talk))
        return None
    except FileLost:
        await talk.say(talk.words("admin-voice-lost"))
        return None
    try:
        return storable(await transcribe(talk.core.settings, recording, _filename(sound)))
    except TranscriberUnavailable as error:
        log.warning("a spoken answer was not understood: %s", error.facts)
        await talk.say(talk.core.texts.explain(talk.locale, error))
        return None
    finally:
        await asyncio.to_thread(recording.unlink, missing_ok=True)


def _filename(sound: Voice | Audio) -> str:
    """Servers tell the kind of a recording by its ending; Telegram's voices are Opus in OGG."""
    ending = Path(sound.file_name or "").suffix if isinstance(sound, Audio) else ""
    return f"answer{ending or '.ogg'}"


def _too_long(talk: Talk) -> str:
    return talk.words("admin-voice-too-long", minutes=LONGEST_S // 60, limit_mb=TELEGRAM_LIMIT // MEGABYTE)


def setup() -> Router:
    router = Router(name="voice")
    on_message(router, Role.MANAGER, take_voice, StateFilter(Teaching.answer, Teaching.heard), F.voice | F.audio)
    on_button(router, Role.MANAGER, "voice.save", save_heard)
    return router
