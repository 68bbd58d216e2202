"""The numbers of an assistant that only the brave change: how its model writes, and how sure an answer must be.

Their bounds stand here once: what a program sets (api/assistants.py) and what an owner types are checked alike. Refuses
to know who sets them, and in which words a bound is told.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from core.llm.base import Sampling
from core.models import Assistant
from core.policy import THRESHOLD, VERIFIED_THRESHOLD, policy_of, sampling_of

MaxTokens = Annotated[int, Field(ge=8, le=1024)]
Temperature = Annotated[float, Field(ge=0, le=2)]
TopP = Annotated[float, Field(gt=0, le=1)]
Share = Annotated[float, Field(ge=0, le=1)]
_WRITES = Sampling()


@dataclass(frozen=True, slots=True)
class Parameter:
    """`column` of an assistant holds it, under the parameter's name."""

    column: str
    kind: TypeAdapter[Any]
    default: float

    def read(self, text: str) -> float | None:
        """The number that a text says, if it is within the bounds; 0.7 may be typed as "0,7"."""
        try:
            number: float = self.kind.validate_python(text.strip().replace(",", "."))
        except ValidationError:
            return None
        return number


PARAMETERS: dict[str, Parameter] = {
    "temperature": Parameter("generation", TypeAdapter(Temperature), _WRITES.temperature),
    "top_p": Parameter("generation", TypeAdapter(TopP), _WRITES.top_p),
    "max_tokens": Parameter("generation", TypeAdapter(MaxTokens), _WRITES.max_tokens),
    "threshold": Parameter("answer_policy", TypeAdapter(Share), THRESHOLD),
    "verified_threshold": Parameter("answer_policy", TypeAdapter(Share), VERIFIED_THRESHOLD),
}


def parameter_of(assistant: Assistant, name: str) -> float:
    """What serves now."""
    held = sampling_of(assistant) if PARAMETERS[name].column == "generation" else policy_of(assistant)
    return float(getattr(held, name))


def back_to_defaults(assistant: Assistant) -> dict[str, Any]:
    """The settings (core/assistants.py: `with_settings`) that put all of them back; empty when they are."""
    settings: dict[str, Any] = {}
    for name, parameter in PARAMETERS.items():
        if parameter_of(assistant, name) != parameter.default:
            settings.setdefault(parameter.column, {})[name] = None
    return settings
