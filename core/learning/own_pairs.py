"""How an owner answers elsewhere: pairs out of his files, kept for the next trainings, gone when he says so."""

from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from core.learning.examples import Source
from core.learning.exchanges import ExamplesUnreadable, Exchange, Found
from core.learning.files import read_file
from core.learning.masking import masked, without_personal
from core.learning.telegram_chat import Speaker
from core.models import Assistant, OwnPair
from core.storable import storable

MOST_OWN_PAIRS = 5_000
"""Of one assistant; what comes beyond is left out."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file. `speakers` ask which of them the owner is: nothing is taken before he has said so.
    `left_out` counts by a reason of core/learning/exchanges.py, or "known", "personal", "full"."""

    added: int
    left_out: Counter[str]
    speakers: tuple[Speaker, ...] = ()


async def take_pairs(assistant: Assistant, path: Path, filename: str, speaker: str = "") -> Taken:
    """Keep what a file teaches. Raises `ExamplesUnreadable`."""
    found = await read_file(path, filename, speaker)
    if found.speakers and speaker not in {one.id for one in found.speakers}:
        return Taken(0, Counter(), tuple(found.speakers))
    if not found.exchanges:
        raise ExamplesUnreadable(reason="nobody-answers")
    return await _keep(assistant, found)


async def _keep(assistant: Assistant, found: Found) -> Taken:
    left_out = Counter(found.left_out)
    known = {row.text_hash for row in await OwnPair.filter(assistant_id=assistant.id).only("text_hash")}
    room = MOST_OWN_PAIRS - len(known)
    new: dict[str, OwnPair] = {}
    for exchange in reversed(found.exchanges):  # the newest first, for whom there may be no room
        row = _row(assistant, found.kind, exchange)
        if not row.answer or not row.question:
            left_out["personal"] += 1
        elif row.text_hash in known or row.text_hash in new:
            left_out["known"] += 1
        elif len(new) >= room:
            left_out["full"] += 1
        else:
            new[row.text_hash] = row
    await OwnPair.bulk_create(list(new.values()), batch_size=_AT_ONCE, ignore_conflicts=True)
    return Taken(len(new), left_out)


def _row(assistant: Assistant, kind: str, exchange: Exchange) -> OwnPair:
    question = masked(storable(exchange.question), exchange.names)
    answer = without_personal(storable(exchange.answer), exchange.names)
    return OwnPair(
        assistant_id=assistant.id,
        question=question,
        answer=answer,
        origin=Source.CHAT if kind == "chat" else Source.FILE,
        part_of=exchange.group[:80],
        liked=exchange.liked,
        text_hash=sha256(f"{question}\n{answer}".encode()).hexdigest(),
    )


async def count_own_pairs(assistant: Assistant) -> int:
    return await OwnPair.filter(assistant_id=assistant.id).count()


async def forget_own_pairs(assistant: Assistant) -> int:
    """All of them; how many there were."""
    return await OwnPair.filter(assistant_id=assistant.id).delete()
