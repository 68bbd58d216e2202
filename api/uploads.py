"""Request bodies: files go to disk as they arrive, and what is too large is read to its end and dropped.

A server that answers and hangs up while the client is still sending makes the client see a broken connection
instead of the answer; so a refused body is swallowed first. Knows no document.
"""

import asyncio
import contextlib
from pathlib import Path
from typing import IO, Any

from quart import Request, request
from quart.formparser import FormDataParser
from quart.wrappers.request import Body
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from api.context import the_core
from api.json_bodies import load_json
from core.errors import Invalid
from core.receiving import new_upload
from core.settings import MEGABYTE

JSON_LIMIT = 8 * MEGABYTE
RESTORE = "/api/v1/assistants/restore"
"""Where archives arrive, which may be larger than a document."""
AROUND_A_FILE = MEGABYTE
SWALLOW_S = 30.0


class BoundedBody(Body):
    """Counts what arrives in all; Quart bounds only what it holds at a time."""

    def __init__(self, expected: int | None, most: int | None) -> None:
        super().__init__(expected, most)
        self._most = most
        self._arrived = 0
        self.ended = asyncio.Event()

    def append(self, data: bytes) -> None:
        self._arrived += len(data)
        if self._most is not None and self._arrived > self._most and self._must_raise is None:
            self._must_raise = RequestEntityTooLarge()
            self._data.clear()
            super().set_complete()  # wake whoever waits for the body
        super().append(data)

    async def __anext__(self) -> bytes:
        try:
            return await super().__anext__()
        except StopAsyncIteration:
            if self._must_raise is not None:  # it became too large while the reader waited
                raise self._must_raise from None
            raise

    def set_complete(self) -> None:
        super().set_complete()
        self.ended.set()


class UploadingRequest(Request):
    """Multipart files are written where documents arrive; those that nobody took are removed with the request."""

    largest_archive = 0
    body_class = BoundedBody  # type: ignore[assignment]  # Quart asks for the class, typed as its own

    def __init__(self, *args: Any, max_content_length: int | None = None, **more: Any) -> None:
        super().__init__(*args, max_content_length=max_content_length, **more)
        if self.path == RESTORE and max_content_length is not None:
            max_content_length = self.max_content_length = self.largest_archive
            self.body = self.body_class(self.content_length, max_content_length)
        self.arrived: list[tuple[Path, IO[bytes]]] = []
        if self.mimetype != "multipart/form-data" and max_content_length is not None:
            self.body = self.body_class(self.content_length, min(max_content_length, JSON_LIMIT))

    async def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """The body's JSON, None where it is not said to be JSON. A body that is none is refused (400)."""
        if not (force or self.is_json):
            return None
        try:
            return load_json(await self.get_data(cache, as_text=False, parse_form_data=False))
        except ValueError as error:
            return None if silent else self.on_json_loading_failed(error)

    def make_form_data_parser(self) -> FormDataParser:
        return self.form_data_parser_class(
            max_content_length=self.max_content_length,
            max_form_memory_size=self.max_form_memory_size,
            max_form_parts=20,
            cls=self.parameter_storage_class,
            stream_factory=self._place_for_file,
            silent=False,
        )

    def _place_for_file(self, *_about: Any) -> IO[bytes]:
        place = new_upload(the_core())
        stream = place.open("w+b")
        self.arrived.append((place, stream))
        return stream

    async def close(self) -> None:
        await super().close()
        for place, stream in self.arrived:
            stream.close()
            await asyncio.to_thread(place.unlink, missing_ok=True)


def uploading(largest_archive_mb: int) -> type[UploadingRequest]:
    """Requests of an application that takes archives up to this size."""
    largest = largest_archive_mb * MEGABYTE + AROUND_A_FILE
    return type("UploadingRequest", (UploadingRequest,), {"largest_archive": largest})


async def swallow_body() -> None:
    """Read and drop the rest of a refused body, for a bounded time."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SWALLOW_S):
            await request.body.ended.wait()  # type: ignore[attr-defined]  # a BoundedBody, see above


async def arrived_file() -> tuple[str, Path]:
    """The one file of a form, already on disk, closed, and from now on ours to move."""
    try:
        file: FileStorage | None = (await request.files).get("file")
    except ValueError as error:
        raise Invalid(field="file", reason="invalid-form-damaged") from error
    if file is None or not file.filename:
        raise Invalid(field="file", reason="invalid-no-file")
    arrived = Path(str(file.stream.name))
    await asyncio.to_thread(file.close)
    return Path(file.filename).name or "file", arrived
