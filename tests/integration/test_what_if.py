"""What would be answered with other settings: by the path that serves, and without a trace."""

from typing import Any

from core.app import Core
from core.conversations import answer_id
from core.dialog import answer_message
from core.messages import Incoming, Tier
from core.models import (
    Assistant,
    Author,
    Contact,
    Conversation,
    ConversationState,
    Gap,
    Message,
    NearMiss,
    VerifiedAnswer,
)
from core.verified import add_verified_answer
from core.what_if import Comparison, changed, compare, questions_for
from tests.conftest import MakeAssistant, Teach
from tests.integration.owners import named

KEPT: tuple[Any, ...] = (Contact, Conversation, Message, Gap, NearMiss, VerifiedAnswer, Assistant)


async def _compared(core: Core, rosa: Assistant, settings: dict[str, Any], *questions: str) -> list[Comparison]:
    return [one async for one in compare(core, rosa, settings, questions)]


async def _everything() -> dict[str, list[dict[str, Any]]]:
    return {model.__name__: await model.all().order_by("id").values() for model in KEPT}


async def test_a_shorter_length_is_seen_in_the_answer_that_customers_would_read(
    core: Core, assistant: MakeAssistant, teach: Teach, shop_documents: list[Any]
) -> None:
    rosa = await assistant(locale="ru", answer_policy={"length": "long"})
    await teach(rosa, named(shop_documents, "uhod-za-tovarom.docx"))
    question = "Как ухаживать за медным чайником?"
    real = await answer_message(core, Incoming(rosa.id, "api", "somebody", question))
    [one] = await _compared(core, rosa, {"answer_policy": {"length": "short"}}, question)
    assert one.before.text == real.text
    assert one.after.tier is Tier.QUOTED
    assert 0 < len(one.after.text) < len(one.before.text)


async def test_topics_thresholds_contacts_and_people_show_their_effect_and_leave_no_trace(
    core: Core, rosa: Assistant
) -> None:
    await add_verified_answer(core, rosa, "Do you deliver to Germany?", "Yes, in three days.")
    before = await _everything()
    [politics] = await _compared(
        core,
        rosa,
        {"answer_policy": {"forbidden_topics": ["politics"]}},
        "What do you think about the elections and politics?",
    )
    assert politics.differs
    assert "politics" in politics.after.text
    [unknown] = await _compared(core, rosa, {"answer_policy": {"contact": "@anna"}}, "What colour are elephants?")
    assert unknown.before.tier is unknown.after.tier is Tier.REFUSED
    assert "@anna" in unknown.after.text
    assert "@anna" not in unknown.before.text
    [near] = await _compared(core, rosa, {"persona": "Rude."}, "Do you deliver to France?")
    assert not near.differs
    hours = {"time_zone": "Europe/London", "week": {}}
    [person] = await _compared(core, rosa, {"answer_policy": {"working_hours": hours}}, "Can I talk to a person?")
    assert person.before.tier is Tier.HANDED_OVER
    assert person.differs
    [hello] = await _compared(core, rosa, {"greeting": "Ahoy, rose lover!"}, "Hello!")
    assert hello.after.text.startswith("Ahoy, rose lover!")
    assert await _everything() == before
    assert not await Conversation.filter(assistant=rosa, state=ConversationState.WAITING).exists()


async def test_a_copy_changes_nothing_of_the_assistant(core: Core, rosa: Assistant) -> None:
    other = changed(rosa, {"persona": "New.", "answer_policy": {"length": "short", "contact": None}})
    assert (other.id, other.persona, other.answer_policy["length"]) == (rosa.id, "New.", "short")
    assert rosa.persona != "New."
    assert "length" not in rosa.answer_policy


async def test_questions_are_customers_own_then_those_that_they_could_ask(core: Core, rosa: Assistant) -> None:
    assert await questions_for(core, rosa, {"persona": "New."}, "en") == ["Where is the shop?"]
    contact = await Contact.create(assistant=rosa, channel="api", key="1")
    tried = await Contact.create(assistant=rosa, channel="preview", key="2")
    for person, texts in ((contact, ("How much is a rose?", "Do you deliver?")), (tried, ("Is this a test?",))):
        talk = await Conversation.create(assistant=rosa, contact=person)
        for text in texts:
            asked = await Message.create(conversation=talk, author=Author.CUSTOMER, text=text)
            await Message.create(
                id=answer_id(asked.id), conversation=talk, author=Author.ASSISTANT, text="…", tier=Tier.QUOTED
            )
    assert await questions_for(core, rosa, {"persona": "New."}, "en") == [
        "Do you deliver?",
        "How much is a rose?",
        "Where is the shop?",
    ]
    assert (await questions_for(core, rosa, {"greeting": "Hi"}, "ru"))[0] == core.texts.say("ru", "what-if-hello")
    await Gap.create(assistant=rosa, question="Why is it blue?", question_key="why is it blue")
    assert (await questions_for(core, rosa, {"answer_policy": {"threshold": 0.1}}, "en"))[0] == "Why is it blue?"
    topics = {"answer_policy": {"forbidden_topics": ["delivery"]}}
    assert (await questions_for(core, rosa, topics, "en"))[0] == "Do you deliver?"
