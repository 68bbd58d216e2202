"""Vectors and words of passages in Milvus: one collection per assistant, Lite file or server, the same client.

Milvus knows ids, never text: what a deleted document said cannot come back from here, because the text is read
from SQL, where it is already gone. Refuses to know what a passage or a verified answer is.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeVar
from uuid import UUID

from pymilvus import DataType, Function, FunctionType, MilvusClient
from pymilvus.exceptions import MilvusException

from core.embeddings.base import Vectors
from core.errors import Unavailable

Kind = Literal["passage", "verified"]
Result = TypeVar("Result")
TIMEOUT_S = 20.0
WRITERS_TURN_S = 120.0
"""A write waits for those before it, so its limit is longer than one call's."""
_BATCH = 256
# pymilvus asks "are you there?" every 10 s of silence; Lite's server takes that for an attack and hangs up.
_GRPC_OPTIONS = {"grpc.keepalive_time_ms": 600_000}
_TERMS_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class Entry:
    """What is stored: `terms` are the stemmed words, separated by spaces, that BM25 counts."""

    id: UUID
    vector: Vectors
    terms: str
    kind: Kind = "passage"


@dataclass(frozen=True, slots=True)
class Hit:
    """`cosine` is None for a hit that only its words found; `bm25` is 0 for one that only its meaning found."""

    id: UUID
    cosine: float | None
    bm25: float


class VectorStore:
    """All collections behind one client. Calls run in threads: the client blocks, the event loop must not."""

    def __init__(self, client: MilvusClient, model: str, dimension: int) -> None:
        self._client = client
        self._dimension = dimension
        # Vectors of different models never share a collection: the model's name is part of the collection's.
        self._mark = hashlib.sha256(f"{model}:{dimension}".encode()).hexdigest()[:8]
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="milvus")
        # One writer at a time: two flushes at once break Milvus Lite ("current_seq is monotonic"), and may lose rows.
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="milvus-writer")
        self._known: set[str] = set()
        self._creating = asyncio.Lock()

    @classmethod
    async def open(cls, uri: str, token: str, model: str, dimension: int) -> "VectorStore":
        """Connect to a server, or open a Lite file, which only one process may hold. Raises `Unavailable`."""
        try:
            client = await asyncio.to_thread(
                MilvusClient, uri=uri, token=token, timeout=TIMEOUT_S, grpc_options=_GRPC_OPTIONS
            )
        except MilvusException as error:
            raise Unavailable(part="Milvus", reason=str(error)) from error
        return cls(client, model, dimension)

    async def index(self, assistant_id: UUID, entries: Sequence[Entry]) -> None:
        """Insert or replace, then flush: unflushed rows are searched many times slower."""
        name = await self._collection(assistant_id)
        rows = [
            {
                "id": str(e.id),
                "kind": e.kind,
                "dense": e.vector,
                "terms": e.terms.encode()[:_TERMS_BYTES].decode(errors="ignore"),
            }
            for e in entries
        ]
        for start in range(0, len(rows), _BATCH):
            part = rows[start : start + _BATCH]
            await self._write(partial(self._client.upsert, name, part, timeout=TIMEOUT_S))
        await self._write(lambda: self._client.flush(name, timeout=TIMEOUT_S))

    async def search(
        self, assistant_id: UUID, vector: Vectors, terms: str, limit: int, kind: Kind = "passage"
    ) -> list[Hit]:
        """The nearest by meaning and the best by words, up to `limit` of each, in no order."""
        name = self._name(assistant_id)
        if name not in self._known and not await self._exists(name):
            return []
        common = {"limit": limit, "filter": f'kind == "{kind}"', "output_fields": ["id"], "timeout": TIMEOUT_S}
        async with asyncio.TaskGroup() as group:
            dense = group.create_task(
                self._call(lambda: self._client.search(name, [vector], anns_field="dense", **common))
            )
            sparse = group.create_task(
                self._call(lambda: self._client.search(name, [terms], anns_field="sparse", **common))
            )
        cosines = {row["id"]: float(row["distance"]) for row in dense.result()[0]}
        # Lite answers with negative BM25 scores, a server with positive ones.
        words = {row["id"]: abs(float(row["distance"])) for row in sparse.result()[0]} if terms else {}
        return [Hit(UUID(i), cosines.get(i), words.get(i, 0.0)) for i in cosines.keys() | words.keys()]

    async def forget(self, assistant_id: UUID, ids: Sequence[UUID]) -> None:
        """Remove entries; unknown ids are fine."""
        name = self._name(assistant_id)
        if not ids or not await self._exists(name):
            return
        keys = [str(i) for i in ids]
        for start in range(0, len(keys), _BATCH):
            part = keys[start : start + _BATCH]
            await self._write(partial(self._client.delete, name, ids=part, timeout=TIMEOUT_S))
        await self._write(lambda: self._client.flush(name, timeout=TIMEOUT_S))

    async def drop(self, assistant_id: UUID) -> None:
        """Forget an assistant altogether."""
        name = self._name(assistant_id)
        self._known.discard(name)
        if await self._exists(name):
            await self._write(lambda: self._client.drop_collection(name, timeout=TIMEOUT_S))

    async def check(self) -> None:
        """Ask for anything at all. Raises `Unavailable` when Milvus does not answer."""
        await self._call(lambda: self._client.list_collections(timeout=TIMEOUT_S))

    async def close(self) -> None:
        await asyncio.to_thread(self._client.close)
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._writer.shutdown(wait=False, cancel_futures=True)

    def _name(self, assistant_id: UUID) -> str:
        return f"a_{assistant_id.hex}_{self._mark}"

    async def _exists(self, name: str) -> bool:
        if await self._call(lambda: bool(self._client.has_collection(name, timeout=TIMEOUT_S))):
            await self._call(lambda: self._client.load_collection(name, timeout=TIMEOUT_S))
            self._known.add(name)
            return True
        return False

    async def _collection(self, assistant_id: UUID) -> str:
        name = self._name(assistant_id)
        async with self._creating:
            if name not in self._known and not await self._exists(name):
                await self._write(lambda: self._create(name))
                self._known.add(name)
        return name

    def _create(self, name: str) -> None:
        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=36)
        schema.add_field("kind", DataType.VARCHAR, max_length=16)
        schema.add_field("dense", DataType.FLOAT_VECTOR, dim=self._dimension)
        schema.add_field(
            "terms",
            DataType.VARCHAR,
            max_length=_TERMS_BYTES,
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
        indexes.add_index("dense", index_type="FLAT", metric_type="COSINE")
        indexes.add_index("sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
        self._client.create_collection(name, schema=schema, index_params=indexes, timeout=TIMEOUT_S)

    async def _write(self, work: Callable[[], Result]) -> Result:
        return await self._call(work, self._writer, WRITERS_TURN_S)

    async def _call(
        self, work: Callable[[], Result], threads: ThreadPoolExecutor | None = None, limit_s: float = TIMEOUT_S + 5
    ) -> Result:
        """Run a blocking call in our threads, in bounded time; what Milvus says is our `Unavailable`."""
        loop = asyncio.get_running_loop()
        try:
            return await asyncio.wait_for(loop.run_in_executor(threads or self._threads, work), limit_s)
        except (MilvusException, TimeoutError) as error:
            raise Unavailable(part="Milvus", reason=str(error)[:200]) from error
