"""Whose a run, a result or a question of the shopper is. As in core/tenancy.py: what belongs to another business does
not exist.
"""

from uuid import UUID

from core.errors import NotFound
from core.models import Assistant, ShopperQuestion, ShopperResult, ShopperRun
from core.tenancy import Actor, actor_of


async def find_run(actor: Actor, run_id: UUID | None) -> ShopperRun:
    """Of whichever of his assistants, with its `assistant`. Raises `NotFound`."""
    mine = ShopperRun.filter(id=run_id, assistant__tenant_id=actor.tenant_id).select_related("assistant")
    if (run := await mine.first()) is None:
        raise NotFound(what="run")
    return run


async def find_result(actor: Actor, result_id: UUID | None) -> ShopperResult:
    """With its `question` and `run`. Raises `NotFound`."""
    mine = ShopperResult.filter(id=result_id, run__assistant__tenant_id=actor.tenant_id)
    if (result := await mine.select_related("question", "run").first()) is None:
        raise NotFound(what="result")
    return result


async def find_question(actor: Actor, question_id: UUID | None) -> ShopperQuestion:
    """Raises `NotFound`."""
    mine = ShopperQuestion.filter(id=question_id, assistant__tenant_id=actor.tenant_id)
    if (question := await mine.first()) is None:
        raise NotFound(what="question")
    return question


async def run_of(assistant: Assistant, run_id: UUID) -> ShopperRun:
    """Raises `NotFound`."""
    if (run := await ShopperRun.get_or_none(id=run_id, assistant_id=assistant.id)) is None:
        raise NotFound(what="run")
    return run


async def result_of(assistant: Assistant, result_id: UUID) -> ShopperResult:
    """Raises `NotFound`."""
    mine = ShopperResult.filter(id=result_id, run__assistant_id=assistant.id)
    if (result := await mine.select_related("question", "run").first()) is None:
        raise NotFound(what="result")
    return result


async def question_of(assistant: Assistant, question_id: UUID) -> ShopperQuestion:
    """Raises `NotFound`."""
    if (question := await ShopperQuestion.get_or_none(id=question_id, assistant_id=assistant.id)) is None:
        raise NotFound(what="question")
    return question


async def actor_with_run(user_id: UUID, run_id: UUID | None) -> tuple[Actor, ShopperRun]:
    """Of whichever of his businesses, and the person in that one. Raises `NotFound`."""
    mine = ShopperRun.filter(id=run_id, assistant__tenant__memberships__user_id=user_id).select_related("assistant")
    if (run := await mine.first()) is None:
        raise NotFound(what="run")
    return await actor_of(user_id, run.assistant.tenant_id), run


async def actor_with_result(user_id: UUID, result_id: UUID | None) -> tuple[Actor, ShopperResult]:
    """The same of a result, with its `question` and its run's `assistant`. Raises `NotFound`."""
    mine = ShopperResult.filter(id=result_id, run__assistant__tenant__memberships__user_id=user_id)
    result = await mine.select_related("question", "run__assistant").first()
    if result is None:
        raise NotFound(what="result")
    return await actor_of(user_id, result.run.assistant.tenant_id), result
