"""Working hours as people say them, in English or Russian: "Mon–Fri 9–18, Sat 10–16", "пн-пт с 9 до 18, вс выходной".

Read by rules: days and hours may stand in either order, lunch is taken out, "24/7" and "except Sunday" are understood.
What is not understood is named, never guessed. Refuses to know time zones and exceptions by date.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from core.hours_tokens import HoursUnclear, Token, tokens_of
from core.working_hours import MOST_INTERVALS, WEEKDAYS, Weekday

Span = tuple[int, int]
"""Minutes after midnight, the end on the next day where it is the smaller one."""
_DAY, _NOON = 24 * 60, 12 * 60
_LONGEST = 500
_TIMES = ("time", "noon", "midnight")
_SAID: Mapping[str, Sequence[Span]] = {"closed": (), "round": ((0, _DAY),)}
_GROUPS = {"workdays": range(5), "everyday": range(7), "weekend": range(5, 7)}


@dataclass(slots=True)
class _Clause:
    """Days and what is said of them; `spans` None: nothing yet, empty: closed."""

    days: list[int] = field(default_factory=list)
    spans: list[Span] | None = None
    breaks: list[Span] = field(default_factory=list)
    times_first: bool = False

    def take(self, other: "_Clause") -> None:
        self.spans = [*(self.spans or []), *other.spans] if other.spans is not None else self.spans
        self.breaks += other.breaks


def week_in(text: str) -> dict[Weekday, list[str]]:
    """The intervals of each day that has any, as core/working_hours.py takes them. Raises `HoursUnclear`."""
    if len(text) > _LONGEST:
        raise HoursUnclear
    clauses = [clause for part in _parts(list(tokens_of(text))) for clause in _clauses(part)]
    told = _joined(clauses)
    week: dict[int, list[Span]] = {}
    for clause in told:
        for day in clause.days:
            week[day] = _without(clause.spans or [], clause.breaks)
    if not any(week.values()):
        raise HoursUnclear
    if any(len(spans) > MOST_INTERVALS for spans in week.values()):
        raise HoursUnclear(text.strip())
    return {WEEKDAYS[day]: [_interval(span) for span in week[day]] for day in sorted(week) if week[day]}


def says_hours(text: str) -> bool:
    try:
        week_in(text)
    except HoursUnclear:
        return False
    return True


def _parts(tokens: list[Token]) -> Iterator[list[Token]]:
    """Between commas; "except Sunday" is a part that says closed."""
    part: list[Token] = []
    for token in tokens:
        if token.kind in ("stop", "except"):
            yield part
            part = [Token("closed", token.text)] if token.kind == "except" else []
        else:
            part.append(token)
    yield part


def _clauses(part: list[Token]) -> Iterator[_Clause]:
    """What one part says, clause by clause: each begins with what the part begins with, days or hours."""
    items = list(_items(part))
    clause, kinds = _Clause(), set[bool]()
    for item in items:
        about_days = isinstance(item, list)
        if not kinds:
            clause.times_first = not about_days
        elif about_days is not clause.times_first and (not about_days) in kinds:
            yield clause
            clause, kinds = _Clause(times_first=clause.times_first), set()
        kinds.add(about_days)
        if isinstance(item, list):
            clause.days += item
        else:
            clause.take(item)
    if kinds:
        yield clause


def _items(part: list[Token]) -> Iterator[list[int] | _Clause]:
    """Days, or what is said of days: hours, a break, closed."""
    at = 0
    while at < len(part):
        token, range_end = part[at], _range_end(part, at)
        if token.kind == "weekend" and at and part[at - 1].kind != "and":
            yield _Clause(spans=[])  # "сб и вс — выходные"
        elif days := _days_of(token, range_end):
            yield days
            at += 2 * (len(days) > 1 and token.kind.isdigit())
        elif token.kind in _SAID:
            yield _Clause(spans=list(_SAID[token.kind]))
        elif token.kind == "break" and at + 1 < len(part):
            yield _Clause(breaks=[_span(part[at + 1], _range_end(part, at + 1))])
            at += 3
        elif token.kind in _TIMES:
            yield _Clause(spans=[_span(token, range_end)])
            at += 2
        elif token.kind != "and" and not (token.kind == "dash" and 0 < at < len(part) - 1):
            raise HoursUnclear(token.text)
        at += 1


def _range_end(part: list[Token], at: int) -> Token | None:
    """What stands behind the dash that follows."""
    return part[at + 2] if at + 2 < len(part) and part[at + 1].kind == "dash" else None


def _days_of(token: Token, range_end: Token | None) -> list[int]:
    if not token.kind.isdigit():
        return list(_GROUPS.get(token.kind, ()))
    first = int(token.kind)
    last = int(range_end.kind) if range_end and range_end.kind.isdigit() else first
    return [(first + step) % 7 for step in range((last - first) % 7 + 1)]


def _span(first: Token, last: Token | None) -> Span:
    """Of "9 to 6" the six is in the evening, of "1–5 pm" the one after noon."""
    if last is None:
        raise HoursUnclear(first.text)
    begin, end = (_minutes(token, last=token is last) for token in (first, last))
    if last.half == "pm" and not first.half and begin < _NOON and begin + _NOON < end:
        begin += _NOON if begin < 8 * 60 else 0
    elif not last.half and not first.half and 0 < end <= begin < _NOON:
        end += _NOON
    if begin == end or begin >= _DAY:
        raise HoursUnclear(f"{first.text}–{last.text}")
    return begin, end


def _minutes(token: Token, *, last: bool) -> int:
    if token.kind == "time":
        return token.minutes
    if token.kind == "noon":
        return _NOON
    if token.kind == "midnight":
        return _DAY if last else 0
    raise HoursUnclear(token.text)


def _joined(clauses: Iterable[_Clause]) -> list[_Clause]:
    """Days that wait for their hours get the next ones, hours without days belong to the days before them."""
    told: list[_Clause] = []
    waiting: list[int] = []
    loose: _Clause | None = None
    for clause in clauses:
        says_hours = clause.spans is not None
        if clause.days and not says_hours and not loose:
            waiting += clause.days
        elif clause.days or (waiting and says_hours):
            said = clause if says_hours or loose is None else loose
            told.append(_Clause(waiting + clause.days, said.spans, said.breaks, said is loose or clause.times_first))
            waiting, loose = [], None
        elif told or loose:
            (loose or told[-1]).take(clause)
        else:
            loose = clause
    if loose:
        told.append(_Clause(waiting or list(range(7)), loose.spans, loose.breaks))
    elif waiting and told and told[-1].times_first:
        told[-1].days += waiting
    elif waiting:
        raise HoursUnclear
    return told


def _without(spans: list[Span], breaks: list[Span]) -> list[Span]:
    """In order, joined where they touch, without the breaks."""
    whole = sorted((begin, end if end > begin else end + _DAY) for begin, end in spans)
    merged: list[Span] = []
    for begin, end in whole:
        if merged and begin <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((begin, end))
    for rest, back in breaks:
        merged = [
            piece
            for begin, end in merged
            for piece in ((begin, min(end, max(begin, rest))), (max(begin, min(end, back)), end))
            if piece[0] < piece[1]
        ]
    return merged


def _interval(span: Span) -> str:
    begin, end = span
    end = min(end, begin + _DAY)
    last = "24:00" if end == _DAY else f"{end % _DAY // 60}:{end % 60:02}"
    return "0:00-24:00" if end - begin == _DAY else f"{begin // 60}:{begin % 60:02}-{last}"


def days_alike(week: dict[Weekday, list[str]]) -> list[tuple[int, int, list[str]]]:
    """First and last day (1 is Monday) of those in a row that have the same hours, and these; all seven days."""
    rows = [(day, list(week.get(name, ()))) for day, name in enumerate(WEEKDAYS, 1)]
    alike = [(hours, [day for day, _ in group]) for hours, group in groupby(rows, key=lambda row: row[1])]
    return [(days[0], days[-1], hours) for hours, days in alike]
