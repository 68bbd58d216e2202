"""The vocabulary of the house: what comes in, what was found, what goes out.

Frozen dataclasses that every channel shares. Nothing here knows Telegram, HTTP, SQL or a model.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal
from uuid import UUID


class Tier(StrEnum):
    """Which way of answering spoke (docs/architecture.md): four that answer, and two where a person does.

    `HANDED_OVER` says that a person will answer. `PERSON` says nothing, because one does: the text is empty.
    """

    VERIFIED = "verified"
    GROUNDED = "grounded"
    QUOTED = "quoted"
    REFUSED = "refused"
    HANDED_OVER = "handed_over"
    PERSON = "person"


COURTESY = "courtesy"
"""The reason of an answer to words that asked for nothing."""


@dataclass(frozen=True, slots=True)
class Said:
    """An earlier turn; `tier` and `reason` of an answer of ours, empty where a channel tells its conversations."""

    author: Literal["customer", "assistant", "operator"]
    text: str
    tier: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """One message of a question that came in several."""

    id: UUID
    text: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """One customer's message, whatever the channel.

    `contact_key` is the customer's id inside the channel (a chat id, a visitor id); with `channel` it names one
    contact. `conversation_id` continues a conversation; None continues the contact's latest one or begins anew.
    `question_id` makes a repetition harmless: the same id again is the same question, stored and answered once.
    `pieces` are the messages of a burst, oldest first: `text` is all they say, the last one's id the `question_id`.
    `history`, oldest first, stands for the turns that are stored; None takes those.
    """

    assistant_id: UUID
    channel: str
    contact_key: str
    text: str
    contact_name: str = ""
    conversation_id: UUID | None = None
    question_id: UUID | None = None
    history: tuple[Said, ...] | None = None
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that search found, `score` orders them: cosine plus a share of words, about 0.7 to 1.

    A re-ranker changes their order and leaves the scores. `words` is the share of the question's words that it has,
    `question` the one that it answers, if it is a pair. Of two that were found together, the one with more `newness`
    came in later. `url` is where a page of a site stands. A passage that was joined with its neighbours has their
    texts, too, and all of them as `parts`.
    """

    id: UUID
    document_id: UUID
    document: str
    text: str
    score: float
    heading: str = ""
    page: int | None = None
    cosine: float = 0.0
    words: float = 0.0
    chunk_index: int = 0
    newness: int = 0
    question: str = ""
    url: str = ""
    parts: tuple["Passage", ...] = ()

    def home_of(self, quote: str) -> "Passage":
        """The part that a quotation comes from."""
        return next((part for part in self.parts if quote in part.text), self)

    @property
    def own_heading(self) -> str:
        """The headings without the document's title, which tells its sections not apart; the title where it is all."""
        return " > ".join(part for part in self.heading.split(" > ") if part != self.document) or self.heading

    @property
    def headed_text(self) -> str:
        """The text with its own headings in front: all the words that speak for it."""
        return f"{self.own_heading} {self.text}"


@dataclass(frozen=True, slots=True)
class Citation:
    """Why an answer may be believed: the passage, and the sentence of it that says so.

    `url` is where a customer may read it himself: the page of a site, "" for a file that its owner sent.
    """

    passage_id: UUID
    document_id: UUID
    document: str
    quote: str
    page: int | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the customer gets. `reason` says why this tier spoke, for owners and logs, never for customers.

    `timings` are seconds by stage: `retrieval_s`, `ttft_s` (first words sent), `total_s`.
    """

    text: str
    tier: Tier
    conversation_id: UUID
    message_id: UUID
    reason: str = ""
    citations: tuple[Citation, ...] = ()
    timings: dict[str, float] = field(default_factory=dict)
    model: str = ""
    adapter_id: UUID | None = None


OnText = Callable[[str], Awaitable[None]]
"""Called with each further piece of an answer as soon as it is known to be supported."""
