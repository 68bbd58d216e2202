"""Why a value was refused, as a sentence's key and its facts instead of pydantic's English. Knows no language."""

from typing import Any

from pydantic_core import ErrorDetails

OTHER = "invalid-other"
BOUNDS: dict[str, tuple[str, str, str]] = {
    "string_too_short": ("invalid-too-short", "least", "min_length"),
    "string_too_long": ("invalid-too-long", "most", "max_length"),
    "too_short": ("invalid-too-few", "least", "min_length"),
    "too_long": ("invalid-too-many", "most", "max_length"),
    "greater_than": ("invalid-more-than", "least", "gt"),
    "greater_than_equal": ("invalid-at-least", "least", "ge"),
    "less_than": ("invalid-less-than", "most", "lt"),
    "less_than_equal": ("invalid-at-most", "most", "le"),
}
"""pydantic's type of error -> the sentence, its fact, and what pydantic calls that."""

KINDS: dict[str, str] = {
    "missing": "invalid-missing",
    "extra": "invalid-no-such-field",
    "string": "invalid-not-text",
    "int": "invalid-not-whole",
    "float": "invalid-not-number",
    "finite": "invalid-not-number",
    "bool": "invalid-not-yes-or-no",
    "uuid": "invalid-not-id",
    "datetime": "invalid-not-time",
    "timezone": "invalid-not-time",
    "list": "invalid-not-list",
    "dict": "invalid-not-object",
    "model": "invalid-not-object",
    "interval": "invalid-not-hours",
    "day": "invalid-not-date",
    "zone": "invalid-not-time-zone",
}
"""The first word of pydantic's other types of error, and of our own (api/hours.py) -> the sentence."""


def reason_of(error: ErrorDetails) -> dict[str, str | int | float]:
    """The facts `reason` and what its sentence needs, for `core.errors.Invalid`."""
    kind, context = error["type"], error.get("ctx", {})
    if context.get("field_type") == "Value":  # a password: its length is counted, but not as a text's
        kind = f"string_{kind}"
    if kind in BOUNDS:
        reason, fact, name = BOUNDS[kind]
        return {"reason": reason, fact: context[name]}
    if kind in {"literal_error", "enum"}:
        return {"reason": "invalid-choice", "choices": _choices(context)}
    if kind == "string_pattern_mismatch":
        return {"reason": "invalid-misspelt"}
    return {"reason": KINDS.get(kind.partition("_")[0], OTHER)}


def _choices(context: dict[str, Any]) -> str:
    """pydantic says "'en', 'de' or 'ru'"."""
    return str(context["expected"]).replace(" or ", ", ").replace("'", "")
