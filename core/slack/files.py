"""A file in a Slack message: what it is, how it comes here, and how one of ours goes there. Bounded in size and time.

Slack's own addresses alone are opened: a token goes along, and a message may name an address of anybody's.
"""

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from core.attachments import Kind, Thing
from core.errors import Unavailable
from core.models import Attachment
from core.settings import MEGABYTE
from core.slack.formatting import words
from core.slack.mrkdwn import escape
from core.slack.outbound import Outbound, Place, is_slacks
from core.slack.refusals import NotTaken

log = logging.getLogger(__name__)
LARGEST_FILE = 20 * MEGABYTE
"""As in Telegram, where people may read it."""
LONGEST_S = 120.0
_LIMIT = aiohttp.ClientTimeout(total=LONGEST_S)
_PIECE = 64 * 1024
_LONGEST_COMMENT = 3000
_PICTURES = ("image/jpeg", "image/png", "image/webp")
_MAP = "https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}"


class FileTooBig(Exception):
    """Larger than what is passed on."""


class FileLost(Exception):
    """Slack did not hand it over."""


class FileGone(Exception):
    """It is no longer here."""


@dataclass(frozen=True, slots=True)
class SlackFile:
    """As it stands in a message."""

    thing: Thing
    id: str = ""
    url: str = ""
    size: int = 0


def file_in(told: dict[str, Any], caption: str) -> SlackFile:
    """One entry of a message's `files`: https://docs.slack.dev/reference/objects/file-object"""
    mime, name = str(told.get("mimetype") or ""), str(told.get("name") or told.get("title") or "file")
    url = str(told.get("url_private_download") or told.get("url_private") or "")
    return SlackFile(Thing(_kind(mime), name, mime, caption), str(told.get("id", "")), url, int(told.get("size") or 0))


def _kind(mime: str) -> Kind:
    if mime in _PICTURES:
        return Kind.PHOTO
    family = mime.partition("/")[0]
    return {"audio": Kind.AUDIO, "video": Kind.VIDEO}.get(family, Kind.DOCUMENT)


async def fetch_file(outbound: Outbound, file: SlackFile, place: Path) -> None:
    """Into `place`; nothing is left there when it did not come whole, or when we were stopped meanwhile.

    Raises `FileTooBig`, `FileLost`.
    """
    url = file.url
    if not url and file.id:  # of a workspace that shares the channel: Slack tells its address only when it is asked
        told = (await outbound.glance("files.info", {"file": file.id})).get("file") or {}
        url = file_in(told, "").url
    if not is_slacks(outbound.client, url):
        raise FileLost
    try:
        async with asyncio.timeout(LONGEST_S):
            await _stream(outbound, url, place)
    except BaseException as error:
        await asyncio.to_thread(place.unlink, missing_ok=True)
        if isinstance(error, aiohttp.ClientError | TimeoutError):
            raise FileLost from None
        raise


async def _stream(outbound: Outbound, url: str, place: Path) -> None:
    """In pieces, never more of them than we take. Slack answers with a page where a token may not read the file."""
    size, headers = 0, {"Authorization": f"Bearer {outbound.client.token}"}
    async with outbound.session.get(url, headers=headers, allow_redirects=False, timeout=_LIMIT) as response:
        if response.status != 200:
            raise FileLost
        with place.open("wb") as file:
            async for piece in response.content.iter_chunked(_PIECE):
                size += len(piece)
                if size > LARGEST_FILE:
                    raise FileTooBig
                await asyncio.to_thread(file.write, piece)


async def send_attachment(outbound: Outbound, place: Place, row: Attachment, file: Path | None, said: str) -> None:
    """With words of a person's above it. Raises like `Outbound.send`, and `FileGone`."""
    if row.kind == Kind.LOCATION:
        await outbound.send(place, words(f"{said}\n{_MAP.format(**row.details)}".strip()))
        return
    if file is None:
        raise FileGone
    if len(escape(said)) > _LONGEST_COMMENT:
        await outbound.send(place, words(said))
        said = ""
    name, size = row.name or f"{row.kind}", (await asyncio.to_thread(file.stat)).st_size
    given = await outbound.do("files.getUploadURLExternal", {"filename": name, "length": size})
    await _upload(outbound, str(given.get("upload_url", "")), file)
    done: dict[str, Any] = {"files": [{"id": given["file_id"], "title": name}], "channel_id": place.channel}
    done |= {"thread_ts": place.thread} if place.thread else {}
    done |= {"initial_comment": escape(said)} if said else {}
    await outbound.do("files.completeUploadExternal", done, place.channel)


async def _upload(outbound: Outbound, url: str, file: Path) -> None:
    """Raises `Unavailable`, `NotTaken`."""
    if not is_slacks(outbound.client, url):
        raise NotTaken("an address for a file that is not Slack's")
    try:
        async with asyncio.timeout(LONGEST_S):
            with file.open("rb") as stream:
                async with outbound.session.post(url, data=stream, timeout=_LIMIT) as response:
                    if response.status >= 500:
                        raise Unavailable(part="Slack", reason=f"status {response.status}")
                    if response.status != 200:
                        raise NotTaken(f"a file: status {response.status}")
    except (aiohttp.ClientError, TimeoutError) as error:
        raise Unavailable(part="Slack", reason=type(error).__name__) from None
