"""One bot at work, and what it says: what all parts of a customer's conversation share. Refuses to know any of them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.app import Core
from core.models import Channel
from core.telegram.formatting import Rich
from core.telegram.outbound import Outbound

if TYPE_CHECKING:
    from bots.telegram.no_question import NoQuestions


@dataclass(frozen=True, slots=True)
class Answered:
    """A question as it was answered: its messages with their words, our messages, and when."""

    pieces: dict[int, str]
    ours: tuple[int, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Desk:
    """`answered`: what each contact was answered last."""

    core: Core
    channel: Channel
    outbound: Outbound
    no_questions: "NoQuestions"
    answered: dict[str, Answered] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The channel as contacts name it."""
        return f"telegram:{self.channel.identity}"


@dataclass(frozen=True, slots=True)
class Said:
    """An empty text says nothing. `below`: its buttons, as JSON, so that a restart still has them. `answers`: it is
    the answer to a question."""

    text: Rich
    below: dict[str, Any] | None = None
    answers: bool = False


SILENCE = Said(Rich(""))
