"""Milvus Lite, opened here: the server that pymilvus speaks to, and a way to search past it.

Lite is Python in this very process. A search through its server is packed and unpacked four times while every
conversation waits for the interpreter, and costs more than the search itself (docs/adr/0016-many-customers.md).
Everything but searching goes through the client, as with a Milvus server.
"""

from pathlib import Path
from typing import Any

from milvus_lite.adapter.grpc.server import start_server_in_thread
from milvus_lite.exceptions import MilvusLiteError

from core.errors import Unavailable

__all__ = ["MilvusLite", "MilvusLiteError"]
STOP_S = 2.0


class MilvusLite:
    """A file that one process may hold."""

    def __init__(self, file: Path) -> None:
        """Takes a moment. Raises `Unavailable` when another process holds the file, or it cannot be read."""
        try:
            self._server, self._database, port = start_server_in_thread(str(file.absolute()))
        except (MilvusLiteError, OSError) as error:
            raise Unavailable(part="Milvus Lite", reason=str(error)) from error
        self.uri = f"http://127.0.0.1:{port}"

    def search(self, collection: str, asked: Any, field: str, **how: Any) -> list[dict[str, Any]]:
        """As `MilvusClient.search` for one query, with its `limit`, `filter` and `output_fields`. Raises
        `MilvusLiteError`."""
        found: list[list[dict[str, Any]]] = self._database.get_collection(collection).search(
            [asked], how["limit"], anns_field=field, expr=how["filter"], output_fields=how["output_fields"]
        )
        return found[0]

    def close(self) -> None:
        """Let calls end, then give the file back."""
        self._server.stop(grace=STOP_S).wait()
        self._database.close()
