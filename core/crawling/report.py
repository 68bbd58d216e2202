"""What became of a site's pages, for its owner: counted, grouped by reason, in words. Refuses to change anything."""

from collections import Counter
from dataclasses import dataclass

from core.app import Core
from core.models import PageOutcome, Site, SitePage, SiteStatus

_AS_IT_SHOULD_BE = (PageOutcome.WAITING, PageOutcome.READ, PageOutcome.UNCHANGED, PageOutcome.DUPLICATE)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why `count` pages were not read; `url` is one of them."""

    code: str
    words: str
    count: int
    url: str


async def reasons_of(core: Core, site: Site, locale: str) -> list[Reason]:
    """Pages of the last reading that do not answer, grouped, the largest group first. Copies are no loss."""
    rows = await SitePage.filter(site_id=site.id, reading=site.reading).exclude(outcome__in=_AS_IT_SHOULD_BE)
    groups: Counter[str] = Counter()
    first: dict[str, SitePage] = {}
    for page in sorted(rows, key=lambda page: page.depth):
        words = describe_page(core, page, locale)
        groups[words] += 1
        first.setdefault(words, page)
    return [Reason(_code_of(first[words]), words, count, first[words].url) for words, count in groups.most_common()]


def describe_page(core: Core, page: SitePage, locale: str) -> str:
    """Why a page was not read, in half a line; empty for one that was."""
    code = _code_of(page)
    return core.texts.say(locale, code, **page.error_facts) if code else ""


def describe_site(core: Core, site: Site, locale: str) -> str:
    """What is wrong with the site, or what the owner may do to have more of it read; empty when all is well."""
    return core.texts.say(locale, site.error_code, **site.error_facts) if site.error_code else ""


async def pages_of(site: Site, offset: int = 0, limit: int = 50) -> list[SitePage]:
    """Pages of the last reading, nearest to the first page first."""
    rows = SitePage.filter(site_id=site.id, reading=site.reading).order_by("depth", "created_at", "id")
    return await rows.offset(offset).limit(limit)


async def now_reading(site: Site) -> str:
    """The address that is read now; empty when nothing is."""
    if site.status != SiteStatus.READING:
        return ""
    waiting = SitePage.filter(site_id=site.id, reading=site.reading, outcome=PageOutcome.WAITING)
    page = await waiting.order_by("depth", "created_at").first()
    return page.url if page else ""


def _code_of(page: SitePage) -> str:
    return "page-excluded" if page.outcome == PageOutcome.EXCLUDED else page.error_code
