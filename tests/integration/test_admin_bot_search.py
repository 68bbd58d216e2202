"""Why this answer? What an owner sees of the search."""

from pathlib import Path

from tests.integration.owners import named
from tests.telegram_server import Person


async def test_an_owner_sees_what_a_question_finds_and_whether_it_is_enough(
    olga: Person, worker: None, shop_documents: list[Path]
) -> None:
    await olga.says("/search anything")
    await olga.reads("has no documents with text yet")
    await olga.sends_file(named(shop_documents, "faq.txt"))
    await olga.reads("faq.txt: done", 60)

    await olga.says("/search")
    await olga.reads("Write a question as a customer would")
    await olga.says("How long is a gift card valid?")
    told = (await olga.reads("Enough to answer: yes (", 20)).text
    assert "1. " in told
    assert ": fits, " in told
    assert "24 months" in told
    assert "needed 0.60" in told

    await olga.says("/search Who won the football championship in 1998?")
    told = (await olga.reads("Enough to answer: no (", 20)).text
    assert "fits, " in told

    await olga.says("How long is a gift card valid?")
    await olga.reads("Sources", 40)
    await olga.presses("Why this answer?")
    assert "“How long is a gift card valid?”" in (await olga.reads("Enough to answer: yes (", 20)).text
