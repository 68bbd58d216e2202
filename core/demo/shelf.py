"""Where the demo's documents lie."""

from pathlib import Path

_FOLDER = Path(__file__).parent / "documents"
_NAMES = {
    "en": ("delivery-and-returns.pdf", "product-care-guide.docx", "faq.txt"),
    "ru": ("dostavka-i-vozvrat.pdf", "uhod-za-tovarom.docx", "voprosy-i-otvety.txt"),
}


def documents_in(locale: str) -> tuple[Path, ...]:
    """The three documents in this language, "en" or "ru"."""
    return tuple(_FOLDER / name for name in _NAMES[locale])


DEMO_DOCUMENTS: tuple[Path, ...] = documents_in("en") + documents_in("ru")
