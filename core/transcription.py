"""What was said, as text: POST {url}/audio/transcriptions of an OpenAI-compatible server (vLLM, a paid one).

There is none unless `TRANSCRIBER_URL` is set. Bounded in size, time and tries. Refuses to know who speaks and where.
"""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from core.errors import Unavailable
from core.settings import MEGABYTE, Settings

LARGEST = 20 * MEGABYTE
LONGEST_ANSWER = 1 * MEGABYTE
"""Bytes that are read of a server's answer."""
LIMIT_S = 60.0
TRIES = 3
PAUSE_S = 0.5


class TranscriberUnavailable(Unavailable):
    """What was said could not be made text. Facts: `reason`, for logs."""

    code = "error-transcriber-unavailable"


async def transcribe(settings: Settings, recording: Path, filename: str, limit_s: float = LIMIT_S) -> str:
    """In the language that was spoken; empty where nothing was. The name's ending says which kind of recording it is.

    Raises `TranscriberUnavailable`, also for a recording larger than `LARGEST`.
    """
    sound = await asyncio.to_thread(_read, recording)
    if sound is None:
        raise _unavailable(settings, "the recording is too large")
    reason = ""
    async with aiohttp.ClientSession(headers=_headers(settings)) as session:
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(PAUSE_S * 2 ** (attempt - 1))
            try:
                return await _ask(session, settings, sound, filename, limit_s)
            except TimeoutError:
                reason = f"no answer in {limit_s:g} s"
            except aiohttp.ClientResponseError as error:
                reason = f"it answered with status {error.status}"
                if error.status != 429 and error.status < 500:
                    break
            except (aiohttp.ClientError, ValueError) as error:
                reason = f"{type(error).__name__}: {error}"
    raise _unavailable(settings, reason)


async def _ask(session: aiohttp.ClientSession, settings: Settings, sound: bytes, filename: str, limit_s: float) -> str:
    """One request. Raises `aiohttp.ClientError`, `TimeoutError`, and `ValueError` for an answer of another form."""
    form = aiohttp.FormData()
    form.add_field("file", sound, filename=filename, content_type="application/octet-stream")
    form.add_field("response_format", "json")
    if settings.transcriber_model:
        form.add_field("model", settings.transcriber_model)
    url, limit = f"{settings.transcriber_url}/audio/transcriptions", aiohttp.ClientTimeout(total=limit_s)
    # Redirects are not followed: what people say goes to the server that the operator has named.
    async with session.post(url, data=form, timeout=limit, allow_redirects=False, raise_for_status=True) as response:
        if response.status != 200 or (response.content_length or 0) > LONGEST_ANSWER:
            raise ValueError(f"an answer of status {response.status}")
        answer = await response.json(content_type=None)
    if not isinstance(answer, dict) or not isinstance(answer.get("text"), str):
        raise ValueError("an answer without a text")
    return str(answer["text"]).strip()


def _headers(settings: Settings) -> dict[str, str]:
    key = settings.transcriber_api_key
    return {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}


def _read(recording: Path) -> bytes | None:
    return recording.read_bytes() if recording.stat().st_size <= LARGEST else None


def _unavailable(settings: Settings, reason: str) -> TranscriberUnavailable:
    return TranscriberUnavailable(reason=f"transcriber {urlsplit(settings.transcriber_url).hostname}: {reason}")
