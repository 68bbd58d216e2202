"""Pictures of figures, all in one style: 1200 by 630 dots, which Telegram shows as they are.

Drawn with matplotlib's own canvas, no window and no global state; slow enough to belong into a thread. Refuses to know
what is drawn.
"""

import io
import threading
from collections.abc import Callable
from typing import Any

WIDTH, HEIGHT, DPI = 8.0, 4.2, 150
"""Inches, and dots an inch."""
GREY, GREEN, AMBER, BLUE, INK, PALE = "#9aa5b1", "#2f855a", "#dd9b2c", "#4a7fb5", "#1f2933", "#e4e7eb"
_drawing = threading.Lock()


def png_of(fill: Callable[[Any], None]) -> bytes:
    """A PNG of what `fill` puts into an empty figure."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - half a second that few need
    from matplotlib.figure import Figure as Picture  # noqa: PLC0415

    with _drawing:
        picture = Picture(figsize=(WIDTH, HEIGHT), dpi=DPI, layout="constrained")
        FigureCanvasAgg(picture)
        fill(picture)
        out = io.BytesIO()
        picture.savefig(out, format="png")
    return out.getvalue()


def plain(axes: Any, title: str) -> None:
    """Without a frame around it."""
    axes.set_title(title, loc="left", color=INK, fontsize=12, fontweight="bold")
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(PALE)
    axes.tick_params(colors=INK, length=0)
