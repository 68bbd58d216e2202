"""Draws the pictures anew: `python -m admin_bot.pictures.draw`, after their words in the locales have changed.

A phone's chat, simplified: large letters, one thing to do in each. Drawn four times as large and made smaller, which
smooths edges. The letters are DejaVu Sans, which matplotlib brings along; Pillow comes with matplotlib, too.
"""

from pathlib import Path

from matplotlib import get_data_path
from PIL import Image, ImageDraw, ImageFont

from admin_bot.pictures import picture
from core.texts import LOCALES, Texts

WIDTH, HEIGHT, FINE = 720, 900, 3
INK, GREY, WHITE, SKY, BLUE = "#17212b", "#7a8894", "#ffffff", "#d9e8f2", "#2a8fdb"
MINE, SEARCH, CODE, MARK = "#e3fbcd", "#eef2f5", "#c2410c", "#f97316"
TOKEN = "7103456789:AAHd8kq…x2Lw"  # noqa: S105 - a picture of one
LEFT, RIGHT = 60, WIDTH - 60


class Sheet:
    """One picture. Measures are those of the finished picture."""

    def __init__(self, number: int, title: str) -> None:
        self.image = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), WHITE)
        self.draw = ImageDraw.Draw(self.image)
        self.box(0, 0, WIDTH, 132, BLUE, 0)
        self.disc(70, 66, 40, WHITE)
        self.text(70, 66, str(number), 46, BLUE, bold=True, anchor="mm")
        size = 40
        while self.width(title, size, bold=True) > WIDTH - 160:
            size -= 1
        self.text(130, 66, title, size, WHITE, bold=True, anchor="lm")

    def box(self, x: int, y: int, to_x: int, to_y: int, colour: str, round_by: int = 24) -> None:
        self.draw.rounded_rectangle((x * FINE, y * FINE, to_x * FINE, to_y * FINE), round_by * FINE, fill=colour)

    def disc(self, x: int, y: int, radius: int, colour: str) -> None:
        corners = ((x - radius) * FINE, (y - radius) * FINE, (x + radius) * FINE, (y + radius) * FINE)
        self.draw.ellipse(corners, fill=colour)

    def ring(self, x: int, y: int, to_x: int, to_y: int) -> None:
        """Around what is to be pressed."""
        corners = (x * FINE, y * FINE, to_x * FINE, to_y * FINE)
        self.draw.rounded_rectangle(corners, 30 * FINE, outline=MARK, width=6 * FINE)

    def text(
        self, x: int, y: int, words: str, size: int, colour: str = INK, *, bold: bool = False, anchor: str = "la"
    ) -> None:
        self.draw.text((x * FINE, y * FINE), words, colour, _font(size, bold=bold), anchor)

    def width(self, words: str, size: int, *, bold: bool = False) -> int:
        return round(_font(size, bold=bold).getlength(words) / FINE)

    def lines(self, words: str, size: int, most: int) -> list[str]:
        """Broken between words so that each fits."""
        found = [""]
        for word in words.split():
            longer = f"{found[-1]} {word}".strip()
            if self.width(longer, size) > most:
                found.append(word)
            else:
                found[-1] = longer
        return found

    def says(self, y: int, words: str, *, mine: bool = False, more: str = "") -> int:
        """A bubble at the left, or mine at the right; where the next one may begin."""
        size, step, most = 34, 46, 480
        lines = self.lines(words, size, most)
        wide = max(self.width(line, size) for line in [*lines, more]) + 48
        high = step * (len(lines) + bool(more)) + 34
        left = RIGHT - wide if mine else LEFT
        self.box(left, y, left + wide, y + high, MINE if mine else WHITE)
        for number, line in enumerate(lines):
            self.text(left + 24, y + 21 + step * number, line, size)
        if more:
            self.text(left + 24, y + 21 + step * len(lines), more, size, CODE)
        return y + high + 22

    def save(self, file: Path) -> None:
        small = self.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        small.quantize(128, dither=Image.Dither.NONE).save(file, optimize=True)


def _font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(Path(get_data_path(), "fonts", "ttf", name)), size * FINE)


def draw_search(texts: Texts, locale: str) -> Sheet:
    sheet = Sheet(1, texts.say(locale, "picture-token-open"))
    sheet.box(LEFT, 190, RIGHT, 280, SEARCH, 45)
    sheet.draw.ellipse([value * FINE for value in (92, 216, 124, 248)], outline=GREY, width=5 * FINE)
    sheet.draw.line([value * FINE for value in (120, 244, 136, 260)], fill=GREY, width=6 * FINE)
    sheet.text(160, 235, texts.say(locale, "picture-search"), 38, anchor="lm")
    sheet.ring(36, 330, WIDTH - 36, 490)
    sheet.disc(124, 410, 56, BLUE)
    sheet.text(124, 410, "B", 60, WHITE, bold=True, anchor="mm")
    sheet.text(206, 388, "BotFather", 40, bold=True, anchor="lm")
    _draw_verified(sheet, 206 + sheet.width("BotFather", 40, bold=True) + 36, 388)
    sheet.text(206, 440, f"@BotFather · {texts.say(locale, 'picture-botfather')}", 30, GREY, anchor="lm")
    for number in range(2):
        y = 560 + 130 * number
        sheet.disc(124, y, 48, SEARCH)
        sheet.box(206, y - 30, 420, y - 6, SEARCH, 12)
        sheet.box(206, y + 12, 560, y + 32, SEARCH, 10)
    sheet.box(LEFT, 790, RIGHT, 868, BLUE, 20)
    sheet.text(WIDTH // 2, 829, texts.say(locale, "picture-start"), 36, WHITE, bold=True, anchor="mm")
    return sheet


def _draw_verified(sheet: Sheet, x: int, y: int) -> None:
    """The blue mark that only the real one has."""
    sheet.disc(x, y, 18, BLUE)
    points = [(value[0] * FINE, value[1] * FINE) for value in ((x - 8, y), (x - 2, y + 7), (x + 9, y - 7))]
    sheet.draw.line(points, fill=WHITE, width=5 * FINE, joint="curve")


def draw_naming(texts: Texts, locale: str) -> Sheet:
    sheet = Sheet(2, texts.say(locale, "picture-token-new"))
    sheet.box(0, 132, WIDTH, HEIGHT, SKY, 0)
    y = sheet.says(160, "/newbot", mine=True)
    y = sheet.says(y, texts.say(locale, "picture-name-asked"))
    y = sheet.says(y, texts.say(locale, "picture-name"), mine=True)
    y = sheet.says(y, texts.say(locale, "picture-username-asked"))
    sheet.says(y, texts.say(locale, "picture-username"), mine=True)
    _draw_field(sheet, texts.say(locale, "picture-message"))
    return sheet


def draw_copying(texts: Texts, locale: str) -> Sheet:
    sheet = Sheet(3, texts.say(locale, "picture-token-copy"))
    sheet.box(0, 132, WIDTH, HEIGHT, SKY, 0)
    y = sheet.says(160, texts.say(locale, "picture-token-given"), more=TOKEN)
    sheet.box(LEFT + 40, y + 20, LEFT + 470, y + 240, WHITE)
    sheet.text(LEFT + 130, y + 77, texts.say(locale, "picture-copy"), 38, bold=True, anchor="lm")
    for shift, colour in ((0, GREY), (12, INK)):
        place = (LEFT + 70 + shift, y + 56 + shift, LEFT + 96 + shift, y + 88 + shift)
        sheet.draw.rounded_rectangle(
            [value * FINE for value in place], 5 * FINE, fill=WHITE, outline=colour, width=4 * FINE
        )
    sheet.draw.line([value * FINE for value in (LEFT + 64, y + 130, LEFT + 446, y + 130)], fill=SEARCH, width=3 * FINE)
    sheet.text(LEFT + 130, y + 185, texts.say(locale, "picture-forward"), 38, anchor="lm")
    arrow = [(LEFT + 72, y + 185), (LEFT + 108, y + 185), (LEFT + 94, y + 171), (LEFT + 108, y + 185)]
    arrow.append((LEFT + 94, y + 199))
    sheet.draw.line([(x * FINE, at * FINE) for x, at in arrow], fill=INK, width=5 * FINE, joint="curve")
    sheet.ring(LEFT + 26, y + 6, LEFT + 484, y + 254)
    sheet.says(y + 288, texts.say(locale, "picture-paste-here"), mine=True, more=TOKEN)
    _draw_field(sheet, texts.say(locale, "picture-message"))
    return sheet


def _draw_field(sheet: Sheet, words: str) -> None:
    """Where one types."""
    sheet.box(0, 810, WIDTH, HEIGHT, WHITE, 0)
    sheet.text(LEFT, 855, words, 34, GREY, anchor="lm")
    sheet.disc(RIGHT - 20, 855, 32, BLUE)
    x, y = RIGHT - 20, 855
    sheet.draw.polygon([(a * FINE, b * FINE) for a, b in ((x - 12, y - 14), (x + 17, y), (x - 12, y + 14))], WHITE)


def draw_all() -> None:
    texts = Texts()
    for locale in LOCALES:
        for step, draw in DRAWN.items():
            draw(texts, locale).save(picture(locale, step))


DRAWN = {1: draw_search, 2: draw_naming, 3: draw_copying}


if __name__ == "__main__":
    draw_all()
