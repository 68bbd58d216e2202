"""Web sites that an assistant has read, and what became of every page."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields

from core.models.base import OptionalRef, Ref, Row


class SiteStatus(StrEnum):
    QUEUED = "queued"
    READING = "reading"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PAUSED = "paused"


_STATUS_COMMENT = "QUEUED: queued\nREADING: reading\nDONE: done\nFAILED: failed\nCANCELLED: cancelled"
"""As it was made: for another comment SQLite would build the table anew, and lose the rows that refer to it."""


class Site(Row):
    """An address whose pages are read, once or every `every_hours` (0: only when asked).

    `name` is what it calls itself. The counts are of the last reading; `reading` numbers it, so that pages not met in
    it can be told apart.
    """

    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="sites")
    url = fields.TextField()
    url_hash = fields.CharField(max_length=64)
    name = fields.CharField(max_length=120, default="", db_default="")
    max_pages = fields.IntField(default=200)
    max_depth = fields.IntField(default=5)
    every_hours = fields.IntField(default=0)
    status = fields.CharEnumField(SiteStatus, max_length=16, default=SiteStatus.QUEUED, description=_STATUS_COMMENT)
    error_code = fields.CharField(max_length=64, default="")
    error_facts: dict[str, Any] = fields.JSONField(default=dict)
    reading = fields.IntField(default=0)
    pages_found = fields.IntField(default=0)
    pages_read = fields.IntField(default=0)
    pages_unchanged = fields.IntField(default=0)
    pages_failed = fields.IntField(default=0)
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)
    next_reading_at = fields.DatetimeField(null=True, db_index=True)

    class Meta:
        table = "sites"
        unique_together = (("assistant", "url_hash"),)


class PageOutcome(StrEnum):
    """What the last visit to a page came to."""

    WAITING = "waiting"
    READ = "read"
    UNCHANGED = "unchanged"
    EMPTY = "empty"
    SCRIPTED = "scripted"
    DUPLICATE = "duplicate"
    FORBIDDEN = "forbidden"
    FAILED = "failed"
    GONE = "gone"
    EXCLUDED = "excluded"


class SitePage(Row):
    """One canonical address of a site. Remembers what makes the next visit cheap: validators, hash, links.

    `excluded` is the owner's word: he deleted this page's document, so no later reading brings it back.
    """

    site_id: UUID
    site: Ref = fields.ForeignKeyField("models.Site", related_name="pages")
    document_id: UUID | None
    document: OptionalRef = fields.ForeignKeyField(
        "models.Document", related_name="site_pages", null=True, on_delete=fields.SET_NULL
    )
    url = fields.TextField()
    url_hash = fields.CharField(max_length=64)
    depth = fields.IntField(default=0)
    reading = fields.IntField(default=0)
    outcome = fields.CharEnumField(PageOutcome, max_length=16, default=PageOutcome.WAITING)
    error_code = fields.CharField(max_length=64, default="")
    error_facts: dict[str, Any] = fields.JSONField(default=dict)
    etag = fields.TextField(default="")
    last_modified = fields.CharField(max_length=64, default="")
    body_hash = fields.CharField(max_length=64, default="")
    links: list[str] = fields.JSONField(default=list)
    visited_at = fields.DatetimeField(null=True)

    class Meta:
        table = "site_pages"
        indexes = (("document_id",),)
        unique_together = (("site", "url_hash"),)
