"""Working hours as programs set them. What they mean is said in core/working_hours.py."""

from collections.abc import Callable
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from core.working_hours import MOST_INTERVALS, Weekday, check_time_zone, minutes_of

MOST_EXCEPTIONS = 400


def _checked(kind: str, check: Callable[[str], object]) -> AfterValidator:
    """`kind` leads to the sentence that says what is wrong (api/reasons.py)."""

    def look(text: str) -> str:
        try:
            check(text)
        except ValueError:
            raise PydanticCustomError(kind, "refused") from None
        return text

    return AfterValidator(look)


Interval = Annotated[str, Field(max_length=40), _checked("interval", minutes_of)]
Intervals = Annotated[list[Interval], Field(max_length=MOST_INTERVALS)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), _checked("day", date.fromisoformat)]
Zone = Annotated[str, Field(max_length=80), _checked("zone", check_time_zone)]


class Hours(BaseModel):
    """When people answer customers. Intervals are "9:00-18:00" or "22:00-6:00"; a day without any is closed.
    `exceptions` are by date, as in "2027-01-01"."""

    model_config = ConfigDict(extra="forbid")
    time_zone: Zone
    week: dict[Weekday, Intervals] = {}
    exceptions: Annotated[dict[Day, Intervals], Field(max_length=MOST_EXCEPTIONS)] = {}
