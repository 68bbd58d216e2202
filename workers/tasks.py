"""All slow work, on one screen: the kind of a job -> the function that does it."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from core.app import Core
from core.indexing import give_up as give_up_document
from core.indexing import index_document
from workers.training import give_up_training, train_adapter

Task = Callable[[Core, UUID], Awaitable[None]]
Surrender = Callable[[UUID], Awaitable[None]]

TASKS: dict[str, tuple[Task, Surrender]] = {
    "index_document": (index_document, give_up_document),
    "train_adapter": (train_adapter, give_up_training),
}
"""Kind -> (what does it, what tells the owner when it failed for good). Both take the job's `subject_id`."""
