"""Would a reader of the page have seen this text? Follows colours, filled areas and pictures while a page is read.

Seen as hidden: text in rendering mode 3 or 7 (ISO 32000-1, 9.3.6) unless it lies under a picture, as the text layer
of a scan does; text in the colour of what it stands on, paper being white; transparent text; letters under two
points; text beyond the page's edge. What cannot be told (patterns, unusual colour spaces, text inside forms that are
placed somewhere) counts as seen. Refuses to know words.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pypdf import PageObject
from pypdf.errors import PyPdfError
from pypdf.generic import DictionaryObject

Colour = tuple[float, float, float]
Box = tuple[float, float, float, float]
WHITE: Colour = (1.0, 1.0, 1.0)
_BLACK: Colour = (0.0, 0.0, 0.0)
_SMALLEST = 2.0
_ALIKE = 0.06
_TRANSPARENT = 0.05
_INVISIBLE_MODES = {3, 7}
_STROKED_MODES = {1, 5}
_MOST_AREAS = 5_000
_SHOWING = {b"Tj", b"TJ", b"'", b'"'}


@dataclass(frozen=True, slots=True)
class _State:
    """What `q` saves. `fill` is None when it cannot be told."""

    fill: Colour | None = _BLACK
    mode: int = 0
    transparent: bool = False


@dataclass(frozen=True, slots=True)
class _Area:
    """A filled rectangle (or one around a path); `colour` is None for a picture or a pattern."""

    box: Box
    colour: Colour | None

    def holds(self, x: float, y: float) -> bool:
        left, bottom, right, top = self.box
        return left - 1 <= x <= right + 1 and bottom - 1 <= y <= top + 1


@dataclass(frozen=True, slots=True)
class _Form:
    """Something placed on the page, and how things stood before."""

    state: _State
    saved: int
    painted: int
    opened: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """How a piece of text was painted. `painted` is how many areas lay on the page before it."""

    state: _State
    painted: int
    in_form: bool


@dataclass(slots=True)
class Ink:
    """One page's graphics state. `before` and `after` are pypdf's visitors of operands."""

    page_box: Box
    clear_states: frozenset[str] = frozenset()
    _state: _State = field(default_factory=_State)
    _saved: list[_State] = field(default_factory=list)
    _areas: list[_Area] = field(default_factory=list)
    _path: list[Box] = field(default_factory=list)
    _shown: list[tuple[int, Shown]] = field(default_factory=list)
    _forms: list[_Form] = field(default_factory=list)

    @classmethod
    def of(cls, page: PageObject) -> "Ink":
        box = page.cropbox
        return cls((float(box.left), float(box.bottom), float(box.right), float(box.top)), _clear_states(page))

    def before(self, operator: bytes, operands: Sequence[object], cm: Sequence[float], _tm: Sequence[float]) -> None:
        if self._forms and not self._forms[-1].opened:
            self._open_form()
        if operator in _SHOWING:
            letters = sum(_letters(operand) for operand in operands)
            self._shown.append((letters, Shown(self._state, len(self._areas), bool(self._forms))))
        elif operator in (b"re", b"m", b"l", b"c", b"v", b"y"):
            self._draw(operator, operands, cm)
        elif operator in (b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"):
            self._fill()
        elif operator in (b"S", b"s", b"n"):
            self._path.clear()
        elif operator in (b"Do", b"INLINE IMAGE"):
            # A picture, unless operators of its own follow: then it is a form.
            self._forms.append(_Form(self._state, len(self._saved), len(self._areas)))
            self._paint(_Area(_box([(0, 0), (1, 0), (0, 1), (1, 1)], cm), None))
        elif operator == b"sh":
            self._paint(_Area(self.page_box, None))
        else:
            self._set(operator, operands)

    def after(self, operator: bytes, _operands: Sequence[object], _cm: Sequence[float], _tm: Sequence[float]) -> None:
        if operator in (b"Do", b"INLINE IMAGE") and self._forms:
            form = self._forms.pop()
            self._state = form.state
            del self._saved[form.saved :]

    def _open_form(self) -> None:
        form = self._forms.pop()
        del self._areas[form.painted :]
        self._forms.append(replace(form, opened=True))

    def taken(self) -> Shown | None:
        """How most of the letters since the last call were painted; None for no letters."""
        shown, self._shown = self._shown, []
        weights: dict[Shown, int] = {}
        for letters, one in shown:
            weights[one] = weights.get(one, 0) + letters
        return max(weights, key=lambda one: weights[one]) if weights else None

    def hiding(self, shown: Shown | None, x: float, y: float, size: float, *, scalable: bool) -> str:
        """How text at this place is hidden: "invisible", "white", "tiny", or nothing when a reader sees it.

        `size` is in points; it says nothing of fonts that are not `scalable`. Ask when the page has been read.
        """
        if shown is None:
            return ""
        pictured = any(area.colour is None and area.holds(x, y) for area in self._areas)
        if shown.state.mode in _INVISIBLE_MODES:
            return "" if pictured or shown.in_form else "invisible"
        if shown.state.transparent:
            return "invisible"
        if self._has_colour_of_ground(shown, x, y):
            return "white"
        if shown.in_form:
            return ""
        if scalable and size < _SMALLEST:
            return "tiny"
        return "" if _Area(self.page_box, None).holds(x, y) else "invisible"

    def _has_colour_of_ground(self, shown: Shown, x: float, y: float) -> bool:
        colour = shown.state.fill
        if colour is None or shown.state.mode in _STROKED_MODES:
            return False
        if shown.in_form and any(area.colour != WHITE for area in self._areas):
            return False  # a form's places are its own
        under = next((area for area in reversed(self._areas[: shown.painted]) if area.holds(x, y)), None)
        ground = under.colour if under else WHITE
        return ground is not None and max(abs(one - two) for one, two in zip(colour, ground, strict=True)) <= _ALIKE

    def _draw(self, operator: bytes, operands: Sequence[object], cm: Sequence[float]) -> None:
        numbers = _numbers(operands)
        if operator == b"re" and len(numbers) == 4:
            x, y, width, height = numbers
            self._path.append(_box([(x, y), (x + width, y), (x, y + height), (x + width, y + height)], cm))
        elif operator != b"re" and len(numbers) >= 2:
            points = list(zip(numbers[::2], numbers[1::2], strict=False))
            box = _box(points, cm)
            if operator == b"m" or not self._path:
                self._path.append(box)
            else:
                last = self._path[-1]
                self._path[-1] = (*map(min, last[:2], box[:2]), *map(max, last[2:], box[2:]))  # type: ignore[assignment]  # four

    def _fill(self) -> None:
        for box in self._path:
            self._paint(_Area(box, None if self._state.transparent else self._state.fill))
        self._path.clear()

    def _paint(self, area: _Area) -> None:
        if len(self._areas) < _MOST_AREAS:
            self._areas.append(area)

    def _set(self, operator: bytes, operands: Sequence[object]) -> None:
        numbers = _numbers(operands)
        if operator == b"q":
            self._saved.append(self._state)
        elif operator == b"Q" and self._saved:
            self._state = self._saved.pop()
        elif operator == b"Tr" and numbers:
            self._state = replace(self._state, mode=int(numbers[0]))
        elif operator in (b"g", b"rg", b"k"):
            self._state = replace(self._state, fill=_colour(numbers))
        elif operator in (b"sc", b"scn"):
            # One number is a shade of grey or an amount of some ink: not to be told without the colour space.
            self._state = replace(self._state, fill=_colour(numbers) if len(numbers) > 1 else None)
        elif operator == b"cs":
            self._state = replace(self._state, fill=_BLACK)
        elif operator == b"gs" and operands:
            self._state = replace(self._state, transparent=str(operands[0]) in self.clear_states)


def _letters(operand: object) -> int:
    if isinstance(operand, list):
        return sum(_letters(part) for part in operand)
    return len(operand) if isinstance(operand, str | bytes) else 0


def _numbers(operands: Sequence[object]) -> list[float]:
    return [float(operand) for operand in operands if isinstance(operand, int | float)]


def _colour(numbers: Sequence[float]) -> Colour | None:
    """Red, green and blue from 0 to 1, of grey, RGB or CMYK."""
    if len(numbers) == 1:
        return numbers[0], numbers[0], numbers[0]
    if len(numbers) == 3:
        return numbers[0], numbers[1], numbers[2]
    if len(numbers) == 4:
        cyan, magenta, yellow, black = numbers
        return (1 - cyan) * (1 - black), (1 - magenta) * (1 - black), (1 - yellow) * (1 - black)
    return None


def _box(points: Sequence[tuple[float, float]], cm: Sequence[float]) -> Box:
    """Left, bottom, right, top of points on the page."""
    places = [(x * cm[0] + y * cm[2] + cm[4], x * cm[1] + y * cm[3] + cm[5]) for x, y in points]
    across, up = [x for x, _ in places], [y for _, y in places]
    return min(across), min(up), max(across), max(up)


def _clear_states(page: PageObject) -> frozenset[str]:
    """Names of the page's graphics states in which fills are transparent."""
    try:
        states = page.get("/Resources", DictionaryObject()).get_object().get("/ExtGState", DictionaryObject())
        found = {
            name: state.get_object().get("/ca", 1) for name, state in itertools.islice(states.get_object().items(), 500)
        }
        return frozenset(name for name, alpha in found.items() if float(alpha) <= _TRANSPARENT)
    except (PyPdfError, AttributeError, TypeError, ValueError):
        return frozenset()
