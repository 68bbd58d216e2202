"""Which pages of a site are met, waiting and done in one reading; all of it in SQL, so that a crash loses nothing.

A page is met in a reading when its row carries that reading's number. Refuses to fetch and to judge pages.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from tortoise.functions import Count
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from core.crawling.addresses import Crowds, hash_of, may_have_text
from core.models import Document, PageOutcome, Site, SitePage

KNOWN = (PageOutcome.READ, PageOutcome.UNCHANGED)
_AT_ONCE = 200


def most_visits(site: Site) -> int:
    """Pages that say nothing (copies, errors) do not count against the owner's limit, but are not met without end."""
    return 2 * site.max_pages + 20


class Frontier:
    """The pages of one reading of `site`, nearest to the first page first.

    Without `meets_new`, links lead to no further visits; a page that has moved is still followed.
    """

    def __init__(self, site: Site, met: Iterable[str] = ()) -> None:
        self._site = site
        self._crowds = Crowds(site.max_pages, met)
        self.meets_new = True

    @classmethod
    async def of(cls, site: Site) -> "Frontier":
        """Also in the middle of a reading."""
        met = await SitePage.filter(site_id=site.id, reading=site.reading).values_list("url", flat=True)
        return cls(site, [str(url) for url in met])

    async def next(self) -> SitePage | None:
        waiting = SitePage.filter(site_id=self._site.id, reading=self._site.reading, outcome=PageOutcome.WAITING)
        return await waiting.order_by("depth", "created_at").first()

    async def meet(self, urls: Sequence[str], depth: int) -> None:
        """Links to these canonical addresses of the site stand `depth` steps from its first page."""
        if depth > self._site.max_depth or not self.meets_new:
            return
        found = {hash_of(url): url for url in urls if may_have_text(url)}
        room = most_visits(self._site) - await self._met().count()
        for start in range(0, len(found), _AT_ONCE):
            part = dict(list(found.items())[start : start + _AT_ONCE])
            known = {row.url_hash: row for row in await SitePage.filter(site_id=self._site.id, url_hash__in=[*part])}
            fresh = [url for key, url in part.items() if key not in known]
            room -= await self._meet_known([row for row in known.values() if row.reading < self._site.reading], depth)
            fresh = [url for url in fresh[: max(room, 0)] if self._crowds.admits(url)]
            await SitePage.bulk_create([self._row(url, depth) for url in fresh], ignore_conflicts=True)
            room -= len(fresh)

    async def meet_one(self, url: str, depth: int) -> SitePage | None:
        """The page to which another one leads, wherever it stands; None when there are too many of its kind."""
        page = await SitePage.get_or_none(site_id=self._site.id, url_hash=hash_of(url))
        if page is None:
            if not self._crowds.admits(url):
                return None
            page = self._row(url, depth)
            await page.save()
        elif page.reading < self._site.reading:
            await self._meet_known([page], depth)
            await page.refresh_from_db()
        return page

    async def settle(self, page: SitePage, outcome: PageOutcome, **values: Any) -> None:
        """What the visit came to. A page that its owner has excluded meanwhile stays so."""
        values |= {"reading": self._site.reading, "visited_at": datetime.now(UTC)}
        async with in_transaction():
            own = SitePage.filter(id=page.id)
            if not await own.exclude(outcome=PageOutcome.EXCLUDED).update(outcome=outcome, **values):
                await own.update(reading=self._site.reading, links=values.get("links", page.links))
        await page.refresh_from_db()

    async def known(self) -> int:
        """How many pages of this reading the assistant knows."""
        return await self._met().filter(outcome__in=KNOWN).count()

    async def visited(self) -> int:
        return await self._met().exclude(outcome=PageOutcome.WAITING).count()

    async def drop_waiting(self) -> int:
        """Forget addresses that were found and will not be visited; how many they were."""
        return await self._met().filter(outcome=PageOutcome.WAITING, document_id__isnull=True).delete()

    async def unmet(self) -> list[SitePage]:
        """Pages that an earlier reading knew and this one has not met, last seen first."""
        rows = SitePage.filter(site_id=self._site.id, reading__lt=self._site.reading, depth__gt=0)
        return await rows.exclude(outcome=PageOutcome.EXCLUDED).order_by("-reading", "-visited_at")

    async def meet_again(self, pages: Sequence[SitePage]) -> None:
        """Visit these although no link leads to them any more. At the greatest depth, so their links are left."""
        await SitePage.filter(id__in=[page.id for page in pages]).update(
            reading=self._site.reading, depth=max(self._site.max_depth, 1), outcome=PageOutcome.WAITING
        )

    async def count(self) -> None:
        """Write the counts of this reading down where the owner sees them."""
        rows = await self._met().annotate(number=Count("id")).group_by("outcome").values("outcome", "number")
        by = {PageOutcome(row["outcome"]): int(row["number"]) for row in rows}
        await Site.filter(id=self._site.id, reading=self._site.reading).update(
            pages_found=sum(by.values()),
            pages_read=sum(by.get(outcome, 0) for outcome in KNOWN),
            pages_unchanged=by.get(PageOutcome.UNCHANGED, 0),
            pages_failed=by.get(PageOutcome.FAILED, 0),
        )

    def _met(self) -> QuerySet[SitePage]:
        return SitePage.filter(site_id=self._site.id, reading=self._site.reading)

    def _row(self, url: str, depth: int) -> SitePage:
        return SitePage(
            site_id=self._site.id, url=url, url_hash=hash_of(url), depth=max(depth, 1), reading=self._site.reading
        )

    async def _meet_known(self, pages: Sequence[SitePage], depth: int) -> int:
        """Pages of an earlier reading wait for a visit again; an excluded one is not visited, but its links count."""
        excluded = [page for page in pages if page.outcome == PageOutcome.EXCLUDED]
        waiting = [page for page in pages if page.outcome != PageOutcome.EXCLUDED]
        for page in pages:
            self._crowds.admits(page.url)
        met = {"reading": self._site.reading, "depth": max(depth, 1)}
        await SitePage.filter(id__in=[page.id for page in excluded]).update(**met)
        await SitePage.filter(id__in=[page.id for page in waiting]).update(outcome=PageOutcome.WAITING, **met)
        for page in excluded:
            await self.meet(page.links, depth + 1)
        return len(pages)


async def exclude_page(document: Document) -> None:
    """The owner deletes this document: no later reading of its site brings it back. Called before it is deleted."""
    await SitePage.filter(document_id=document.id).update(outcome=PageOutcome.EXCLUDED)
