"""A training as a picture: how the loss fell, and how the new model compares with the one before."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.drawing import GREEN, GREY, INK, PALE, plain, png_of
from core.learning.gate import Figure

NOW, NEW = GREY, GREEN
SHARES = {
    Figure.SIMILARITY: "gate-similarity",
    Figure.FORM: "gate-form",
    Figure.SUPPORTED: "gate-supported",
    Figure.DECLINED: "gate-declined",
}
"""Figures between 0 and 1, as their owner reads them."""


def draw(log: Sequence[Mapping[str, Any]], report: Mapping[str, Any], say: Callable[[str], str]) -> bytes:
    """A PNG. `log` are the trainer's lines, `report` is the gate's, `say` puts a key into words."""

    def fill(picture: Any) -> None:
        left, right = picture.subplots(1, 2, width_ratios=(1, 1.15))
        _loss(left, log, say)
        _shares(right, report.get("figures", {}), say)

    return png_of(fill)


def _loss(axes: Any, log: Sequence[Mapping[str, Any]], say: Callable[[str], str]) -> None:
    steps = [(line["step"], line["loss"]) for line in log if line.get("event") == "step"]
    plain(axes, say("chart-loss"))
    axes.plot([step for step, _ in steps], [loss for _, loss in steps], color=PALE, linewidth=1.5)
    axes.plot([step for step, _ in steps], _smooth([loss for _, loss in steps]), color=NEW, linewidth=2.5)
    axes.set_ylim(bottom=0)
    axes.set_xlabel(say("chart-steps"), color=INK)


def _shares(axes: Any, figures: Mapping[str, Mapping[str, float]], say: Callable[[str], str]) -> None:
    shown = [(say(key), figures[figure]) for figure, key in SHARES.items() if figure in figures][::-1]
    plain(axes, say("chart-compared"))
    for at, (_, one) in enumerate(shown):
        for place, value, colour in ((0.2, one["now"], NOW), (-0.2, one["new"], NEW)):
            axes.barh(at + place, 100 * value, height=0.36, color=colour)
            axes.text(100 * value + 1.5, at + place, f"{100 * value:.0f} %", va="center", color=INK, fontsize=9)
    axes.set_yticks(range(len(shown)), [name for name, _ in shown])
    axes.set_xlim(0, 118)
    axes.set_xticks([])
    axes.bar(0, 0, color=NOW, label=say("chart-before"))
    axes.bar(0, 0, color=NEW, label=say("chart-after"))
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.02), ncols=2, frameon=False)


def _smooth(values: Sequence[float]) -> list[float]:
    """Each with the weight of those before it, so that the eye sees where it goes."""
    smooth: list[float] = []
    for value in values:
        smooth.append(value if not smooth else 0.85 * smooth[-1] + 0.15 * value)
    return smooth
