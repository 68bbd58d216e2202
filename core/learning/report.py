"""What came of a training, for people: why it was refused, and a page of its own that a signed link opens.

The link is for the owner's browser, which knows no login: whoever has it may look, for a week. Refuses to know in
which room the report is read.
"""

from datetime import timedelta
from uuid import UUID

from core.accounts import sign, verify
from core.app import Core
from core.errors import NotFound, TokenExpired, Unauthenticated
from core.learning.examples import Source
from core.learning.gate import Figure
from core.models import AdapterStatus, LoraAdapter

LOOKED_AT_FOR = timedelta(days=7)
PURPOSE = "training report"
LOST = {
    Figure.SIMILARITY: "gate-lost-similarity",
    Figure.FORM: "gate-lost-form",
    Figure.SUPPORTED: "gate-lost-supported",
    Figure.DECLINED: "gate-lost-declined",
    Figure.UNRELATED: "gate-lost-unrelated",
}
SOURCES = {
    Source.VERIFIED: "examples-verified",
    Source.FILE: "examples-file",
    Source.CHAT: "examples-chat",
    Source.OPERATOR: "examples-operator",
    Source.RATED: "examples-rated",
    Source.PAIR: "examples-pair",
    Source.SECTION: "examples-section",
    Source.REFUSAL: "examples-refusal",
}
"""Where examples come from, as their owner reads it."""


def has_earned_its_place(adapter: LoraAdapter) -> bool:
    """Won, and not taken back for what customers said of it."""
    report = adapter.metrics.get("report") or {}
    return bool(report.get("accepted")) and adapter.status != AdapterStatus.REJECTED


def verdict_of(core: Core, locale: str, adapter: LoraAdapter) -> str:
    """Why the new model is better, or why it was refused: a sentence for each reason."""
    if has_earned_its_place(adapter):
        return core.texts.say(locale, "gate-accepted")
    report = adapter.metrics.get("report") or {}
    lost = [core.texts.say(locale, LOST[Figure(one)]) for one in report.get("lost", ())]
    if not lost:
        lost = [core.texts.say(locale, "gate-disliked" if report.get("accepted") else "gate-not-won")]
    return " ".join(lost)


def address_of_report(core: Core, adapter_id: UUID) -> str:
    """A link that opens this one report for `LOOKED_AT_FOR`."""
    token = sign(core.keyring, PURPOSE, str(adapter_id), LOOKED_AT_FOR)
    return f"{core.settings.address}/reports/{token}"


async def adapter_of_report(core: Core, token: str) -> LoraAdapter:
    """The training that a link is about. Raises `NotFound`: forged, too old, or deleted meanwhile."""
    try:
        adapter_id = UUID(verify(core.keyring, PURPOSE, token)["sub"])
    except (TokenExpired, Unauthenticated) as error:
        raise NotFound(what="report") from error
    adapter = await LoraAdapter.get_or_none(id=adapter_id).prefetch_related("assistant")
    if adapter is None or not adapter.metrics.get("report"):
        raise NotFound(what="report")
    return adapter
