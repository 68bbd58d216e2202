"""Answers as Telegram takes them: parts that fit, cut at good places, formatting intact, nothing lost."""

from uuid import UUID

from core.messages import Citation, Reply, Tier
from core.telegram.formatting import Rich, bold, from_markdown, split
from core.telegram.replies import show_reply
from core.texts import Texts


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def test_a_short_answer_stays_one_message() -> None:
    assert split(Rich("  Open from 10 to 19.\n")) == [Rich("Open from 10 to 19.")]


def test_a_blank_answer_is_no_message() -> None:
    assert split(Rich(" \n ")) == []


def test_every_part_fits_and_no_word_is_lost() -> None:
    text = "\n\n".join(f"Paragraph {n}. " + "Tea and kettles 🫖. " * 30 for n in range(12))
    parts = split(Rich(text))
    assert len(parts) > 1
    assert all(_utf16(part.text) <= 4096 for part in parts)
    assert " ".join(part.text for part in parts).split() == text.split()


def test_parts_end_between_paragraphs() -> None:
    parts = split(Rich("a" * 60 + "\n\n" + "b" * 60), 100)
    assert [part.text for part in parts] == ["a" * 60, "b" * 60]


def test_parts_end_between_sentences_when_a_paragraph_is_too_long() -> None:
    parts = split(Rich("First sentence is here. Second one comes now. Third one ends it."), 50)
    assert [part.text for part in parts] == ["First sentence is here. Second one comes now.", "Third one ends it."]


def test_a_word_that_fits_nowhere_is_cut_without_breaking_a_character() -> None:
    parts = split(Rich("🫖" * 100), 51)
    assert [_utf16(part.text) for part in parts] == [50, 50, 50, 50]


def test_formatting_goes_on_in_the_next_part() -> None:
    parts = split(bold("One sentence. Another sentence."), 20)
    assert [part.text for part in parts] == ["One sentence.", "Another sentence."]
    assert [(one.offset, one.length) for part in parts for one in part.entities] == [(0, 13), (0, 17)]


def test_offsets_count_utf16_units() -> None:
    rich = Rich("🫖 ") + bold("tea")
    assert [(one.offset, one.length) for one in rich.entities] == [(3, 3)]


def test_markdown_becomes_entities() -> None:
    rich = from_markdown("**Bold** and [a link](https://example.com)")
    assert rich.text == "Bold and a link"
    assert {entity.type for entity in rich.entities} == {"bold", "text_link"}


def test_a_size_keeps_its_stars() -> None:
    assert from_markdown("The box is 10*12*15 cm.").text == "The box is 10*12*15 cm."


def test_what_was_written_down_reads_back_the_same() -> None:
    rich = from_markdown("**Bold** and [a link](https://example.com)")
    assert Rich.from_record(rich.record()) == rich


def test_a_source_that_is_a_page_of_a_site_can_be_opened_and_a_file_cannot() -> None:
    nobody = UUID(int=0)
    page = Citation(nobody, nobody, "Доставка 🚚", "Доставка стоит 5 €.", url="https://shop.example/delivery")
    file = Citation(nobody, nobody, "Price list", "Delivery is €5.", page=3)
    reply = Reply("Доставка стоит 5 €.", Tier.QUOTED, nobody, nobody, citations=(page, file, page))
    shown = show_reply(Texts(), reply, "ru")
    assert shown.text == "Доставка стоит 5 €.\n\nИсточники\n• Доставка 🚚\n• Price list, стр. 3"
    link = next(entity for entity in shown.entities if entity.type == "text_link")
    assert link.url == "https://shop.example/delivery"
    before = shown.text.encode("utf-16-le")[: 2 * link.offset].decode("utf-16-le")
    assert before.endswith("\n• ")
    assert link.length == _utf16("Доставка 🚚")
    assert [entity.type for entity in shown.entities] == ["bold", "text_link"]
