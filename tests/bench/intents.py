"""`make bench-intents DATA=folder`: how owners' own words are understood, on phrases kept apart from the examples.

`tests/bench/intent_phrases.txt` was written without looking at the examples. Out of scope is what DATA holds of CLINC
(`intents/clinc_data_small.json`, Larson et al. 2019): its `oos_test`, about nothing this product does. Prints a line
for each phrase that was read wrongly, a table, and as the last line one JSON object: `right` the share whose intent
was done, or offered among two or three; `sure` the share done at once; `wrong_destructive` how often something that
ends or deletes was read where nothing of it was meant; `oos_triggered` the share of out-of-scope phrases that
were taken for any intent; `p95_ms` of one reading.
"""

import argparse
import asyncio
import json
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from core.embeddings.openvino import OpenVinoEmbedder, prepare_embedding_model
from core.intents.base import DESTRUCTIVE, NONE, Reading
from core.intents.reader import IntentReader, read_phrases

MODEL = Path(".cache/models/multilingual-e5-small")
KEPT_APART = Path(__file__).with_name("intent_phrases.txt")


def judge(wanted: str, reading: Reading) -> str:
    """right, offered, wrong, or missed (nothing was read, so that the text is asked as a customer's question)."""
    if wanted == NONE:
        return "right" if reading.intent is None and not reading.perhaps else "wrong" if reading.intent else "offered"
    if reading.intent:
        return "right" if reading.intent == wanted else "wrong"
    if wanted in reading.perhaps:
        return "offered"
    return "wrong" if reading.perhaps else "missed"


async def main(folder: Path) -> None:
    if not MODEL.exists():
        await asyncio.to_thread(prepare_embedding_model, MODEL)
    with TemporaryDirectory() as kept:
        reader = IntentReader(await OpenVinoEmbedder.open(MODEL), Path(kept))
        began = time.perf_counter()
        await reader.learn()
        print(f"learnt in {time.perf_counter() - began:.1f} s")
        texts, wanted = read_phrases(KEPT_APART)
        read, took = [], []
        for text in texts:
            began = time.perf_counter()
            read.append(await reader.read(text))
            took.append(1000 * (time.perf_counter() - began))
        clinc = json.loads((folder / "intents" / "clinc_data_small.json").read_text(encoding="utf-8"))
        strange = [(text, await reader.read(text)) for text, _ in clinc["oos_test"]]
    judged = [judge(*one) for one in zip(wanted, read, strict=True)]
    for text, meant, reading, verdict in zip(texts, wanted, read, judged, strict=True):
        if verdict in ("wrong", "missed"):
            print(f"{verdict}: {meant} read as {reading.intent or list(reading.perhaps) or NONE}: {text}")
    for text, reading in strange:
        if reading.intent:
            print(f"out of scope read as {reading.intent}: {text}")
    for name in dict.fromkeys(wanted):
        print(f"{name:18}", dict(Counter(one for one, meant in zip(judged, wanted, strict=True) if meant == name)))
    own = [verdict for verdict, meant in zip(judged, wanted, strict=True) if meant != NONE]
    pairs = [*zip(wanted, read, strict=True), *((NONE, reading) for _, reading in strange)]
    figures = {
        "right": round(sum(verdict in ("right", "offered") for verdict in own) / len(own), 4),
        "sure": round(own.count("right") / len(own), 4),
        "wrong_destructive": sum(one.intent in DESTRUCTIVE and one.intent != meant for meant, one in pairs),
        "oos_triggered": round(sum(one.intent is not None for _, one in strange) / len(strange), 4),
        "oos_asked": round(sum(bool(one.perhaps) for _, one in strange) / len(strange), 4),
        "p95_ms": round(float(np.percentile(took, 95)), 1),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="a folder with intents/clinc_data_small.json")
    asyncio.run(main(parser.parse_args().folder))
