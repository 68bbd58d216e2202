"""Nothing that an assistant has is forgotten by its archive: every table is taken, or left out with a reason."""

import tomllib
from collections.abc import Iterator

from tortoise import Tortoise
from tortoise.models import Model

from core import models
from core.app import Core
from core.archive.contents import LEFT_OUT, TAKEN
from core.archive.writing import PRODUCT_VERSION
from tests.subprocesses import ROOT

ELSEWHERE = {
    "tenants", "users", "memberships", "profiles", "invitations", "login_sessions", "audit_events",
    "processed_events", "bot_states", "people_groups", "lease_holders", "channel_leases",
}  # fmt: skip
"""Tables of businesses, people and processes, which refer to no assistant."""


def _tables() -> Iterator[type[Model]]:
    yield from (one for one in vars(models).values() if isinstance(one, type) and issubclass(one, Model))


def _leads_to_an_assistant(model: type[Model], seen: frozenset[str] = frozenset()) -> bool:
    """By a column of its own, or by a table that it refers to."""
    if model is models.Assistant or "assistant_id" in model._meta.db_fields:
        return True
    referred = [
        getattr(model._meta.fields_map[name], "related_model", None)
        for name in {*model._meta.fk_fields, *model._meta.o2o_fields}
    ]
    later = [one for one in referred if one and one.__name__ not in seen]
    return any(_leads_to_an_assistant(one, seen | {model.__name__}) for one in later)


async def test_every_table_of_an_assistant_is_in_its_archive_or_left_out_on_purpose(core: Core) -> None:
    assert Tortoise.apps, "the tables know each other only once they are connected"
    names = {str(model._meta.db_table) for model in _tables() if _leads_to_an_assistant(model)}
    unknown = names - TAKEN - LEFT_OUT.keys()

    assert unknown == set(), "core/archive/contents.py: take these along, or say why not"
    assert {str(model._meta.db_table) for model in _tables()} == names | ELSEWHERE


def test_no_table_is_both_taken_and_left_out() -> None:
    assert set(LEFT_OUT) & TAKEN == set()


def test_an_archive_names_the_version_of_the_product() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == PRODUCT_VERSION
