"""The process that reads one file of examples: `python -m core.learning.child LIMITS PATH NAME SPEAKER`.

Bounded as the readers of documents are (core/parsing/child.py). Answers with one JSON object. Run by `files.py` only.
"""

import json
import logging
import os
import sys
from dataclasses import asdict
from pathlib import Path

from core.learning.exchanges import ExamplesUnreadable, read_exchanges
from core.parsing.child import bound, make_room, take


def main(arguments: list[str]) -> None:
    memory, cpu_s, _ = (int(number) for number in arguments[0].split(","))
    bound(memory, cpu_s)
    logging.disable(logging.CRITICAL)
    answer, line = take(1), take(2)
    verdict = _verdict_on(Path(arguments[1]), *arguments[2:])
    os.close(line)
    with os.fdopen(answer, "w", encoding="utf-8") as out:
        json.dump(verdict, out, ensure_ascii=False)


def _verdict_on(path: Path, name: str, speaker: str) -> dict[str, object]:
    try:
        found = read_exchanges(path, name, speaker)
        return asdict(found) | {"left_out": dict(found.left_out)}
    except ExamplesUnreadable as error:
        return {"error": error.facts["reason"]}
    except (MemoryError, RecursionError):
        make_room()
        return {"error": "too-large"}


if __name__ == "__main__":
    main(sys.argv[1:])
