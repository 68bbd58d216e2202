"""The questions of a period as a picture: by hour or by day, how many were answered, not known, and handed over."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from core.drawing import AMBER, BLUE, GREEN, INK, PALE, plain, png_of
from core.numbers import Numbers
from core.periods import Period, Span

_MOST_LABELS = 8
_FEW = 12
"""So few bars have room for a figure on each."""


def draw_numbers(numbers: Numbers, say: Callable[..., str]) -> bytes:
    """A PNG. `say` puts a key and its facts into words; whose questions they are is said beside it."""
    return png_of(lambda picture: _fill(picture.subplots(), numbers, say))


def _fill(axes: Any, numbers: Numbers, say: Callable[..., str]) -> None:
    parts, places = numbers.parts, range(len(numbers.parts))
    plain(axes, say("numbers-chart-hours") if numbers.period.span is Span.DAY else say("numbers-chart-days"))
    axes.title.set_fontsize(15)
    layers = (
        (say("numbers-chart-answered"), GREEN, [part.answered for part in parts]),
        (say("numbers-chart-handed-over"), BLUE, [part.passed_on for part in parts]),
        (say("numbers-chart-unknown"), AMBER, [part.not_answered for part in parts]),
    )
    floor, highest = [0] * len(parts), max(part.questions for part in parts)
    for name, colour, counts in layers:
        axes.bar(places, counts, bottom=floor, color=colour, width=0.72, label=f"{name}: {sum(counts)}")
        floor = [low + count for low, count in zip(floor, counts, strict=True)]
    _figures(axes, floor)
    _labels(axes, numbers.period, say)
    axes.set_ylim(0, max(highest, 1) * 1.12)
    axes.set_xlim(-0.6, max(len(parts), 4) - 0.4)
    axes.yaxis.get_major_locator().set_params(integer=True, nbins=5)
    axes.tick_params(labelsize=12)
    axes.set_axisbelow(True)
    axes.grid(axis="y", color=PALE)
    axes.spines["left"].set_visible(False)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=3, frameon=False, fontsize=13, handlelength=1)


def _figures(axes: Any, totals: Sequence[int]) -> None:
    """How many in all, above each bar."""
    if len([total for total in totals if total]) > _FEW:
        return
    for place, total in enumerate(totals):
        if total:
            axes.annotate(
                str(total), (place, total), (0, 4), textcoords="offset points", ha="center", color=INK, fontsize=13
            )


def _labels(axes: Any, period: Period, say: Callable[..., str]) -> None:
    """Under the bars: hours, weekdays, or dates; of many only some, and the last always."""
    count = len(period.edges) - 1
    step = -(-count // _MOST_LABELS)
    places = list(range((count - 1) % step, count, step))
    axes.set_xticks(places, [_label(period.local(period.edges[place]), period.span, say) for place in places])


def _label(begins: datetime, span: Span, say: Callable[..., str]) -> str:
    if span is Span.DAY:
        return f"{begins.hour}:00"
    if span is Span.WEEK:
        return say("numbers-chart-weekday", weekday=begins.isoweekday(), day=begins.day)
    return say("numbers-chart-date", day=begins.day, month=begins.month)
