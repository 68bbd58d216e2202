"""What tests of the mystery shopper do again and again."""

from datetime import UTC, datetime

from core.app import Core
from core.conversations import answer_id
from core.messages import Tier
from core.models import (
    Assistant,
    Author,
    Contact,
    Conversation,
    Message,
    RunKind,
    RunState,
    ShopperResult,
    ShopperRun,
)
from core.shopper.questions import add_own_question
from core.shopper.runs import results_of, start_run
from tests.waiting import until


async def done(run: ShopperRun, timeout_s: float = 90.0) -> ShopperRun:
    async def over() -> bool:
        return (await ShopperRun.get(id=run.id)).state not in (RunState.WAITING, RunState.ASKING)

    await until(over, timeout_s)
    return await ShopperRun.get(id=run.id)


async def shopped(core: Core, assistant: Assistant, kind: RunKind = RunKind.ASKED) -> dict[str, ShopperResult]:
    """All asked once, by the worker; results by question."""
    assistant = await Assistant.get(id=assistant.id)
    run = await done(await start_run(core, assistant, kind))
    assert run.state is RunState.DONE
    return {row.question.question: row for row in await results_of(run)}


async def on_the_list(core: Core, assistant: Assistant, *questions: str) -> None:
    for question in questions:
        await add_own_question(core, assistant, question)


async def customer_asked(assistant: Assistant, text: str, tier: Tier = Tier.QUOTED) -> Message:
    """Somebody did, and was answered."""
    contact, _ = await Contact.get_or_create(assistant_id=assistant.id, channel="api", key=f"who asked {text}")
    talk = await Conversation.create(assistant_id=assistant.id, contact=contact)
    asked = await Message.create(conversation=talk, author=Author.CUSTOMER, text=text)
    await Message.create(
        id=answer_id(asked.id),
        conversation=talk,
        author=Author.ASSISTANT,
        text="…",
        tier=tier,
        created_at=datetime.now(UTC),
    )
    return asked


def verdicts(results: dict[str, ShopperResult]) -> dict[str, str]:
    return {question: row.verdict for question, row in results.items()}
