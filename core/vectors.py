"""Vectors and words of passages in Milvus: one collection per assistant, Lite file or server, the same client.

Milvus answers with ids, never with text: what a deleted document said is read from SQL, where it is already gone.
Beside the vectors it does hold the stems of the words, in their order (`terms`), until a deletion reaches it: whoever
runs the server keeps it as closed as the database. Vectors of different models never share a collection, so an
assistant may have two while a new embedding model is taken into use (core/reindexing.py); every call takes the `model`
whose index is meant, as `identity` writes it, and "" means the present one. Refuses to know what a passage or a
verified answer is.
"""

import asyncio
import contextlib
import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import numpy as np
from pymilvus import DataType, Function, FunctionType, MilvusClient
from pymilvus.exceptions import MilvusException

from core.embeddings.base import Vectors
from core.entries import (
    TERMS_BYTES,
    Entry,
    Hit,
    Kind,
    dimension_of,
    hits_of,
    identity,
    is_placeholder,
    mark_of,
    question_entry_id,
    row_of,
)
from core.errors import Unavailable
from core.milvus_lite import MilvusLite, MilvusLiteError

Result = TypeVar("Result")
TIMEOUT_S = 20.0
WRITERS_TURN_S = 120.0
"""A write waits for those before it, so its limit is longer than one call's."""
CLOSING_S = 5.0
_BATCH = 256
_PAGE = 16_384
"""As many entries as Milvus lists at once."""
_COLLECTION = re.compile("a_([0-9a-f]{32})_[0-9a-f]{8}")
# pymilvus asks "are you there?" every 10 s of silence; Lite's server takes that for an attack and hangs up.
_GRPC_OPTIONS = {"grpc.keepalive_time_ms": 600_000}


class VectorStore:
    """All collections behind one client. Calls run in threads: the client blocks, the event loop must not."""

    def __init__(self, client: MilvusClient, model: str, dimension: int, lite: MilvusLite | None = None) -> None:
        """`lite` is what `client` speaks to, if it is no server."""
        self._client, self._lite, self.is_file = client, lite, lite is not None
        self.present = identity(model, dimension)
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="milvus")
        # One writer at a time: two flushes at once break Milvus Lite ("current_seq is monotonic"), and may lose rows.
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="milvus-writer")
        self._known: set[str] = set()
        self.settled: set[UUID] = set()
        """Assistants of whom is known that the present model's index answers; it does so for as long as we run."""
        self._creating = asyncio.Lock()

    @classmethod
    async def open(cls, uri: str, token: str, model: str, dimension: int) -> "VectorStore":
        """Connect to a server, or open a Lite file, which only one process may hold. Raises `Unavailable`."""
        lite = None if "://" in uri else await asyncio.to_thread(MilvusLite, Path(uri))
        try:
            client = await asyncio.to_thread(
                MilvusClient,
                uri=lite.uri if lite else uri,
                token=token,
                timeout=TIMEOUT_S,
                grpc_options=_GRPC_OPTIONS,
            )
        except MilvusException as error:
            if lite:
                await asyncio.to_thread(lite.close)
            raise Unavailable(part="Milvus", reason=str(error)) from error
        return cls(client, model, dimension, lite)

    async def index(self, assistant_id: UUID, entries: Sequence[Entry], *, model: str = "") -> None:
        """Insert or replace, then flush: unflushed rows are searched many times slower."""
        await self.put(assistant_id, entries, model=model)
        await self.flush(assistant_id, model=model)

    async def put(self, assistant_id: UUID, entries: Sequence[Entry], *, model: str = "") -> None:
        """Insert or replace without flushing, for a job that does so once at its end."""
        name = await self._collection(assistant_id, model or self.present)
        rows = [row_of(entry) for entry in entries]
        for start in range(0, len(rows), _BATCH):
            part = rows[start : start + _BATCH]
            await self._write(partial(self._client.upsert, name, part, timeout=TIMEOUT_S))

    async def flush(self, assistant_id: UUID, *, model: str = "") -> None:
        name = await self._collection(assistant_id, model or self.present)
        await self._write(lambda: self._client.flush(name, timeout=TIMEOUT_S))

    async def search(
        self,
        assistant_id: UUID,
        vector: Vectors | None,
        terms: str,
        limit: int,
        kind: Kind = "passage",
        *,
        model: str = "",
    ) -> list[Hit]:
        """The nearest by meaning and the best by words, up to `limit` of each, in no order; one `Hit` a passage.

        Kind "passage" searches passages and their questions. Without a vector, words alone; without terms, meaning.
        """
        name = self._name(assistant_id, model or self.present)
        if name not in self._known and not await self._exists(name):
            return []
        kinds = '["passage", "question"]' if kind == "passage" else f'["{kind}"]'
        how = {"limit": limit, "filter": f"kind in {kinds}", "output_fields": ["id", "kind"]}
        wanted = {"dense": vector, "sparse": terms or None}
        asked = {field: one for field, one in wanted.items() if one is not None}
        found = await self._found(name, asked, how)
        return hits_of(found.get("dense", []), found.get("sparse", []))

    async def _found(self, name: str, asked: dict[str, Any], how: dict[str, Any]) -> dict[str, list[Any]]:
        """What is found by each field that is asked: Lite is asked in one go, a server side by side."""
        if lite := self._lite:
            return await self._call(
                lambda: {field: lite.search(name, one, field, **how) for field, one in asked.items()}
            )

        async def ask(field: str) -> list[Any]:
            rows = await self._call(
                lambda: self._client.search(name, [asked[field]], anns_field=field, timeout=TIMEOUT_S, **how)
            )
            return list(rows[0])

        # Not a TaskGroup: callers catch `Unavailable`, not a group of them.
        return dict(zip(asked, await asyncio.gather(*map(ask, asked)), strict=True))

    async def forget(self, assistant_id: UUID, ids: Iterable[UUID]) -> None:
        """Remove entries, and the questions of passages among them; unknown ids are fine."""
        keys = [str(entry) for i in ids for entry in (i, question_entry_id(i))]
        if not keys:
            return
        present = self._name(assistant_id, self.present)
        others = {name for name in self._known if name.startswith(self._prefix(assistant_id))}
        for name in sorted({present} | others):
            if not await self._exists(name):
                continue
            for start in range(0, len(keys), _BATCH):
                part = keys[start : start + _BATCH]
                await self._write(partial(self._client.delete, name, ids=part, timeout=TIMEOUT_S))
            await self._write(partial(self._client.flush, name, timeout=TIMEOUT_S))

    async def known(self, assistant_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
        """Which of these entries the present model's index holds already, with a vector of their own."""
        name = await self._collection(assistant_id, self.present)
        rows = await self._rows(name, ids, ["id", "dense"])
        return {UUID(row["id"]) for row in rows if not is_placeholder(row["dense"])}

    async def contents(self, assistant_id: UUID) -> list[Entry]:
        """All that the present model's index holds: to write it anew."""
        name, ids = self._name(assistant_id, self.present), [key for key, _ in await self.entries(assistant_id)]
        rows = await self._rows(name, ids, ["id", "kind", "dense", "terms"]) if ids else []
        return [Entry(UUID(row["id"]), np.asarray(row["dense"]), row["terms"], row["kind"]) for row in rows]

    async def _rows(self, name: str, ids: Sequence[UUID], fields: list[str]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for start in range(0, len(ids), _BATCH):
            keys = [str(i) for i in ids[start : start + _BATCH]]
            rows += await self._call(partial(self._client.get, name, ids=keys, output_fields=fields, timeout=TIMEOUT_S))
        return rows

    async def has(self, assistant_id: UUID, *, model: str = "") -> bool:
        """Whether there is an index of this model."""
        return await self._exists(self._name(assistant_id, model or self.present))

    async def entries(self, assistant_id: UUID) -> list[tuple[UUID, str]]:
        """All entries of the present model's index: ids and kinds, in no order."""
        name = self._name(assistant_id, self.present)
        return await self._listed(name, "") if await self._exists(name) else []

    async def _listed(self, name: str, beginning: str) -> list[tuple[UUID, str]]:
        """Entries whose id begins so; where they are more than Milvus lists at once, by the next digit."""
        asked = {"filter": f'id like "{beginning}%"', "output_fields": ["id", "kind"], "limit": _PAGE}
        rows = await self._call(lambda: self._client.query(name, timeout=TIMEOUT_S, **asked))
        if len(rows) < _PAGE:
            return [(UUID(row["id"]), row["kind"]) for row in rows]
        return [entry for digit in "0123456789abcdef" for entry in await self._listed(name, beginning + digit)]

    async def indexed(self) -> set[UUID]:
        """The assistants that have an index of the present model."""
        return await self.assistants(mark_of(self.present))

    async def assistants(self, mark: str = "") -> set[UUID]:
        """The assistants that have an index, of whichever model, unless its mark is given."""
        names: list[str] = await self._call(lambda: self._client.list_collections(timeout=TIMEOUT_S))
        return {UUID(found[1]) for name in names if (found := _COLLECTION.fullmatch(name)) and name.endswith(mark)}

    async def drop(self, assistant_id: UUID) -> None:
        """Forget an assistant altogether, whatever the models."""
        self.settled.discard(assistant_id)
        names: list[str] = await self._call(lambda: self._client.list_collections(timeout=TIMEOUT_S))
        for name in names:
            if name.startswith(self._prefix(assistant_id)):
                await self._drop(name)

    async def drop_others(self, assistant_id: UUID) -> None:
        """Forget the indexes of all models but the present one."""
        names: list[str] = await self._call(lambda: self._client.list_collections(timeout=TIMEOUT_S))
        for name in names:
            if name.startswith(self._prefix(assistant_id)) and name != self._name(assistant_id, self.present):
                await self._drop(name)

    async def _drop(self, name: str) -> None:
        self._known.discard(name)
        await self._write(lambda: self._client.drop_collection(name, timeout=TIMEOUT_S))

    async def check(self) -> None:
        """Ask for anything at all. Raises `Unavailable` when Milvus does not answer."""
        await self._call(lambda: self._client.list_collections(timeout=TIMEOUT_S))

    async def close(self) -> None:
        """Let calls that are under way end, those that wait for their turn are dropped."""
        for threads in (self._threads, self._writer):
            threads.shutdown(wait=False, cancel_futures=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_S):
                for threads in (self._threads, self._writer):
                    await asyncio.to_thread(threads.shutdown)
        await asyncio.to_thread(self._client.close)
        if self._lite:
            await asyncio.to_thread(self._lite.close)

    def _prefix(self, assistant_id: UUID) -> str:
        return f"a_{assistant_id.hex}_"

    def _name(self, assistant_id: UUID, model: str) -> str:
        return self._prefix(assistant_id) + mark_of(model)

    async def _exists(self, name: str) -> bool:
        if await self._call(lambda: bool(self._client.has_collection(name, timeout=TIMEOUT_S))):
            await self._call(lambda: self._client.load_collection(name, timeout=TIMEOUT_S))
            self._known.add(name)
            return True
        return False

    async def _collection(self, assistant_id: UUID, model: str) -> str:
        name = self._name(assistant_id, model)
        async with self._creating:
            if name not in self._known and not await self._exists(name):
                await self._write(lambda: self._create(name, dimension_of(model)))
                self._known.add(name)
        return name

    def _create(self, name: str, dimension: int) -> None:
        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=36)
        schema.add_field("kind", DataType.VARCHAR, max_length=16)
        schema.add_field("dense", DataType.FLOAT_VECTOR, dim=dimension)
        schema.add_field(
            "terms",
            DataType.VARCHAR,
            max_length=TERMS_BYTES,
            enable_analyzer=True,
            analyzer_params={"type": "standard"},
        )
        schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
        schema.add_function(
            Function(
                name="bm25", function_type=FunctionType.BM25, input_field_names=["terms"], output_field_names=["sparse"]
            )
        )
        indexes = self._client.prepare_index_params()
        # Of vectors of length 1 this is the cosine; asked for COSINE, Lite would make them all so at each search.
        indexes.add_index("dense", index_type="FLAT", metric_type="IP")
        indexes.add_index("sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
        self._client.create_collection(name, schema=schema, timeout=TIMEOUT_S)
        # An empty collection's indexes are ready at once; pymilvus would sleep half a second for each.
        self._client.create_index(name, indexes, timeout=TIMEOUT_S, sync=False)
        self._client.load_collection(name, timeout=TIMEOUT_S)

    async def _write(self, work: Callable[[], Result]) -> Result:
        return await self._call(work, self._writer, WRITERS_TURN_S)

    async def _call(
        self, work: Callable[[], Result], threads: ThreadPoolExecutor | None = None, limit_s: float = TIMEOUT_S + 5
    ) -> Result:
        """Run a blocking call in our threads, in bounded time; what Milvus says is our `Unavailable`."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(limit_s):
                return await loop.run_in_executor(threads or self._threads, work)
        except (MilvusException, MilvusLiteError, TimeoutError) as error:
            raise Unavailable(part="Milvus", reason=str(error)[:200]) from error
