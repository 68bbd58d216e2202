"""What a prepared model folder says about itself: a small file that is written last.

A folder without it was never finished; one of another format or made from another wheel is prepared anew.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from core.embeddings.bundled_e5 import BundledE5, installed_version

FORMAT = 1
MARKER = "prepared.json"
GRAPH = "e5.xml"
QUERY_PREFIX, PASSAGE_PREFIX = "query: ", "passage: "


@dataclass(frozen=True, slots=True)
class PreparedModel:
    """`wheel` is the version it was made from; `hugging_face` says whether the large folder for torch is there."""

    format: int
    wheel: str
    hugging_face: bool
    dimension: int
    positions: int
    begin: int
    end: int
    padding: int
    unknown: int
    control: tuple[int, ...]

    def serves(self, hugging_face: bool) -> bool:
        """Whether it can be used as it is. Without the wheel at hand, what was prepared once is good enough."""
        return (
            self.format == FORMAT
            and self.wheel == (installed_version() or self.wheel)
            and (self.hugging_face or not hugging_face)
        )


def write_prepared(folder: Path, model: BundledE5, hugging_face: bool) -> None:
    facts = PreparedModel(
        format=FORMAT,
        wheel=model.version,
        hugging_face=hugging_face,
        dimension=model.shape.hidden,
        positions=model.shape.positions,
        begin=model.markers.begin,
        end=model.markers.end,
        padding=model.markers.padding,
        unknown=model.markers.unknown,
        control=tuple(sorted(model.control_ids)),
    )
    (folder / MARKER).write_text(json.dumps(asdict(facts), indent=2), encoding="utf-8")


def read_prepared(folder: Path) -> PreparedModel | None:
    """None when the folder is absent, unfinished, or of a format this code does not know."""
    try:
        return PreparedModel(**json.loads((folder / MARKER).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
