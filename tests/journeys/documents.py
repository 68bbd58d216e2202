"""Real files that the journeys' owner sends."""

from pathlib import Path

from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate

QUESTION = "How much is a ticket to the otter house?"
FACT = "23"
_SECTIONS = {
    "Opening hours": "The otter house opens at 9:40 and closes at 18:15. On Mondays it is closed.",
    "Tickets": "A ticket to the otter house costs 23 euros. Children under six years enter free of charge.",
    "Feeding": "The otters are fed at 11:00 and at 16:30 by their keeper.",
}


def otter_house(folder: Path) -> Path:
    """A PDF with headings and text, made as other programs make them."""
    style = getSampleStyleSheet()
    story = []
    for heading, text in _SECTIONS.items():
        story += [Paragraph(heading, style["Heading1"]), Paragraph(text, style["BodyText"])]
    file = folder / "otter-house.pdf"
    SimpleDocTemplate(str(file), title="The otter house").build(story)
    return file


def price_list(folder: Path, items: int = 200) -> Path:
    """Long enough that a process can be killed in the middle of it."""
    lines = (
        f"Item {n}: the kettle of model K{n} costs {n + 100} euros and weighs {n + 5} grams. " * 3 for n in range(items)
    )
    file = folder / "price-list.txt"
    file.write_text("\n\n".join(lines))
    return file
