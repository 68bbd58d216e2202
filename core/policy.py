"""What an owner may set about answers, read in one place: `Assistant.answer_policy` and `Assistant.generation`.

Both are JSON in the database, and rows of earlier days lack keys: what is missing keeps its default, what is not known
is passed over. A new key is one line in `Policy`, and one in api/assistants.py where its bounds are checked. Refuses to
know what is done with a setting.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import TypeAdapter

from core.llm.base import Sampling
from core.models import Assistant
from core.working_hours import WorkingHours

THRESHOLD = 0.6
"""The confidence with which passages are enough (core/search/sufficiency.py)."""
VERIFIED_THRESHOLD = 0.91
"""Cosine of two questions that mean the same (core/verified.py)."""
MOST_TOPICS = 20
LONGEST_TOPIC = 120
MOST_SAMPLE_QUESTIONS, LONGEST_SAMPLE_QUESTION = 6, 200
"""In each language."""
MOST_TONE_EXAMPLES, LONGEST_TONE_EXAMPLE = 3, 400
"""A model reads them before every answer."""


class Length(StrEnum):
    """How much an answer says."""

    SHORT = "short"
    MEDIUM = "medium"
    LONG = "long"

    @property
    def sentences(self) -> int:
        """The most that a model says and that are quoted."""
        return {Length.SHORT: 1, Length.MEDIUM: 3, Length.LONG: 6}[self]


@dataclass(frozen=True, slots=True)
class Policy:
    """`sample_questions` are by language; topics are the owner's own words, in any language. After `quiet_hours`
    without a question the next one begins a new conversation. `tone_examples` are messages of the owner's that show how
    to write. With `nightly_check` the mystery shopper comes at night."""

    threshold: float = THRESHOLD
    verified_threshold: float = VERIFIED_THRESHOLD
    contact: str = ""
    sample_questions: dict[str, list[str]] = field(default_factory=dict)
    length: Length = Length.MEDIUM
    tone_examples: tuple[str, ...] = ()
    small_talk: bool = True
    feedback_buttons: bool = True
    allowed_topics: tuple[str, ...] = ()
    forbidden_topics: tuple[str, ...] = ()
    forbidden_calls_person: bool = False
    quiet_hours: float = 12.0
    working_hours: WorkingHours | None = None
    nightly_check: bool = True


_POLICY = TypeAdapter(Policy)
_SAMPLING = TypeAdapter(Sampling)


def policy_of(assistant: Assistant) -> Policy:
    """Raises `ValueError` for a row that nobody could have written through the product."""
    return _POLICY.validate_python(assistant.answer_policy)


def sampling_of(assistant: Assistant) -> Sampling:
    """How this assistant's model writes. Raises as `policy_of` does."""
    return _SAMPLING.validate_python(assistant.generation)
