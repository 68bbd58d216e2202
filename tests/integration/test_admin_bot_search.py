"""Why this answer? What an owner sees of the search."""

from pathlib import Path

from core.app import Core
from core.models import NearMiss
from core.verified import add_verified_answer
from tests.integration.owners import assistant_of_person, named
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
    await olga.presses("All that was found")
    assert "“How long is a gift card valid?”" in (await olga.reads("Enough to answer: yes (", 20)).text


async def test_the_search_says_what_customers_get_before_any_search(
    olga: Person, worker: None, house: Core, shop_documents: list[Path]
) -> None:
    await add_verified_answer(house, await assistant_of_person(olga), "Do you deliver to Mars?", "Only on Tuesdays.")
    await olga.says("/search Do you deliver to Mars?")
    told = (await olga.reads("Customers get your ready answer to this, word for word", 20)).text
    assert "“Only on Tuesdays.”" in told
    assert "no documents with text" not in told

    await olga.says("/search hello")
    await olga.reads("This is small talk")

    await olga.sends_file(named(shop_documents, "faq.txt"))
    await olga.reads("faq.txt: done", 60)
    await olga.says("/search Do you deliver to Mars?")
    told = (await olga.reads("I find:", 20)).text
    assert told.startswith("✍️ Customers get your ready answer")
    assert "Enough to answer" not in told


async def test_the_search_shows_the_nearest_ready_answer_and_why_it_is_not_given(olga: Person, house: Core) -> None:
    await add_verified_answer(house, await assistant_of_person(olga), "What is the price of tea?", "Three euros.")
    await olga.says("/search What is the price of coffee?")
    told = (await olga.reads("Nearest ready answer: “What is the price of tea?”, similarity 0.9", 20)).text

    assert "needed 0.91" in told
    assert "the two name different things, days or names" in told
    assert not await NearMiss.filter(assistant_id=(await assistant_of_person(olga)).id).exists()
