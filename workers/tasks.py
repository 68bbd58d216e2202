"""All slow work, on one screen: the kind of a job -> the function that does it."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from core.app import Core
from core.archive.archives import export_assistant, give_up_archive
from core.archive.restoring import restore_assistant
from core.crawling.endings import give_up_site
from core.crawling.reading import read_site
from core.drafting.samples import give_up_samples, make_samples
from core.indexing import give_up as give_up_document
from core.indexing import index_document
from core.reindexing import give_up_reindexing, index_anew
from core.shopper.runs import ask_questions, give_up_run
from workers.training import give_up_training, train_adapter

Task = Callable[[Core, UUID], Awaitable[None]]
Surrender = Callable[[UUID], Awaitable[None]]

TASKS: dict[str, tuple[Task, Surrender]] = {
    "ask_now": (ask_questions, give_up_run),
    "ask_at_night": (ask_questions, give_up_run),
    "index_document": (index_document, give_up_document),
    "index_large_document": (index_document, give_up_document),
    "index_anew": (index_anew, give_up_reindexing),
    "export_assistant": (export_assistant, give_up_archive),
    "make_samples": (make_samples, give_up_samples),
    "read_site": (read_site, give_up_site),
    "restore_assistant": (restore_assistant, give_up_archive),
    "train_adapter": (train_adapter, give_up_training),
}
"""Kind -> (what does it, what tells the owner when it failed for good). Both take the job's `subject_id`.

Killed at the wrong moment, a worker tells the owner twice: the second time must change nothing.
"""
