"""What the shopper was told: an answer with all that a later one is compared by. Kept as JSON beside its question."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.messages import Tier

_READY = "verified answer "


@dataclass(frozen=True, slots=True)
class Source:
    """A document that an answer cites, and what it said then; `passage` is the hash of the cited text."""

    id: UUID
    name: str
    content_hash: str
    passage: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """`seconds` it took, `by_chance` where the model was not the same twice in a row, `at` when it was asked."""

    text: str
    tier: Tier
    reason: str
    at: datetime
    sources: tuple[Source, ...] = ()
    seconds: float = 0.0
    model: str = ""
    adapter: str = ""
    by_chance: bool = False

    @property
    def ready_answer(self) -> str:
        """The id of the owner's own answer that was given; empty when it was none."""
        return self.reason.removeprefix(_READY) if self.reason.startswith(_READY) else ""

    def record(self) -> dict[str, Any]:
        record = asdict(self)
        sources = [{**source, "id": str(source["id"])} for source in record["sources"]]
        return {**record, "tier": self.tier.value, "at": self.at.isoformat(), "sources": sources}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Told":
        sources = tuple(Source(**{**source, "id": UUID(source["id"])}) for source in record["sources"])
        read = {"tier": Tier(record["tier"]), "at": datetime.fromisoformat(record["at"]), "sources": sources}
        return cls(**{**record, **read})


def told_before(record: Mapping[str, Any] | None) -> Told | None:
    return Told.from_record(record) if record else None
