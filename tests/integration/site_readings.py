"""What tests of web sites share: a Core that may reach the test's own site, and readings done at once."""

from dataclasses import dataclass, replace

from core.app import Core
from core.crawling.reading import read_site
from core.fetching import FetchLimits
from core.models import Assistant, Document, Site, SitePage
from core.sites import add_site, request_reading
from tests.web_site import WebSite

QUICK = FetchLimits(connect_s=2.0, window_s=0.3)


def reaching(core: Core, web: WebSite) -> Core:
    """The Core of an operator who lets owners name this private host."""
    return replace(core, settings=core.settings.model_copy(update={"allowed_private_hosts": web.host}))


@dataclass
class Visit:
    """A site in the world, and what an assistant made of it."""

    core: Core
    web: WebSite
    rosa: Assistant
    site: Site
    document: Document
    pages: dict[str, SitePage]

    def outcome(self, path: str) -> tuple[str, str]:
        page = self.pages[path]
        return page.outcome.value, page.error_code

    def outcomes(self) -> dict[str, str]:
        return {path: page.outcome.value for path, page in self.pages.items()}

    async def refresh(self) -> None:
        self.site = await Site.get(id=self.site.id)
        self.document = await Document.get(id=self.document.id)
        rows = await SitePage.filter(site_id=self.site.id, reading=self.site.reading)
        self.pages = {row.url.removeprefix(self.web.url): row for row in rows}

    async def again(self) -> None:
        """Another reading; `web.asked` holds its requests only."""
        self.web.forgets()
        assert await request_reading(self.core.queue, self.site)
        await read_site(self.core, self.site.id, QUICK)
        await self.refresh()


async def added(core: Core, web: WebSite, rosa: Assistant, path: str = "/", **limits: int) -> Visit:
    """Added by its owner, and not read yet."""
    opened = reaching(core, web)
    site, document = await add_site(opened, rosa, web.url + path, **limits)
    return Visit(opened, web, rosa, site, document, {})


async def visited(core: Core, web: WebSite, rosa: Assistant, path: str = "/", **limits: int) -> Visit:
    """Added and read."""
    visit = await added(core, web, rosa, path, **limits)
    await read_site(visit.core, visit.site.id, QUICK)
    await visit.refresh()
    return visit
