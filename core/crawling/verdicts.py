"""What came of a visit to a page, and which answer means what. Refuses to fetch, to read and to write anything down."""

from dataclasses import dataclass, field

from core.errors import DocumentRejected, FetchFailed, ProductError
from core.models import PageOutcome

_GONE = (404, 410)
_CLOSED = (401, 402, 403, 407, 451)
_BUSY = (429, 503)
# What was wrong, told in half a line; whatever is not here is told as "page-unreadable" or "page-unreachable".
_TOLD = {
    "error-document-scanned": "page-scanned",
    "error-document-locked": "page-locked",
    "error-document-too-large": "page-too-large",
    "error-document-empty": "page-empty",
    "error-page-too-large": "page-too-large",
    "error-site-silent": "page-silent",
}


@dataclass(slots=True)
class Verdict:
    """What came of a visit. `lets_go`: what the page said before no longer answers.

    Among the `facts`, "why" is the code of the error behind it, where there is one. `links` None: those of the last
    visit still hold.
    """

    outcome: PageOutcome
    code: str = ""
    facts: dict[str, str | int | float] = field(default_factory=dict)
    links: list[str] | None = None
    lets_go: bool = False
    remember: dict[str, str] = field(default_factory=dict)


def verdict_on_status(status: int) -> Verdict:
    if status in _GONE:
        return Verdict(PageOutcome.GONE, "page-gone", links=[], lets_go=True)
    if status in _CLOSED:
        return Verdict(PageOutcome.FORBIDDEN, "page-closed")
    if status in _BUSY:
        return Verdict(PageOutcome.FAILED, "page-busy")
    if status < 300:
        return Verdict(PageOutcome.EMPTY, "page-empty", lets_go=True)
    return Verdict(PageOutcome.FAILED, "page-trouble", {"status": status})


def verdict_on_fetch(error: FetchFailed) -> Verdict:
    return Verdict(PageOutcome.FAILED, _TOLD.get(error.code, "page-unreachable"), because(error))


def verdict_on_file(error: DocumentRejected) -> Verdict:
    code = told_of(error.code)
    if code == "page-empty":
        return Verdict(PageOutcome.EMPTY, code, links=[], lets_go=True)
    return Verdict(PageOutcome.FAILED, code, because(error))


def because(error: ProductError) -> dict[str, str | int | float]:
    """Facts of a verdict that has an error behind it."""
    return {**error.facts, "why": error.code}


def told_of(code: str) -> str:
    """The half line about a file that could not be read, for the code of its error."""
    return _TOLD.get(code, "page-unreadable")
