"""A web site on 127.0.0.1 with whatever pages, files and traps a test lays out; it keeps who asked for what."""

import asyncio
import html
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Page:
    """What stands at an address. With an `etag` it answers 304 to whoever has it already."""

    body: bytes = b""
    status: int = 200
    type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str = ""


@dataclass
class WebSite:
    """`pages`: path with its query -> page, answer, or nothing (404). `otherwise` answers for all the rest."""

    port: int = 0
    pages: dict[str, Page | Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    otherwise: Answer | None = None

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def says(self, path: str, text: str, *links: str, head: str = "", etag: str = "", title: str = "") -> None:
        """An ordinary page: a menu, an article of its own, links at its end."""
        self.pages[path] = Page(article(text, *links, head=head, title=title or text[:40]).encode(), etag=etag)

    def sends(self, path: str, body: bytes, type: str, status: int = 200, **headers: str) -> None:  # noqa: A002 - HTTP calls it so
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = Page(body, status, type, named)

    def redirects(self, path: str, to: str) -> None:
        self.pages[path] = Page(b"", 302, headers={"Location": to})

    def forgets(self) -> None:
        """What was asked so far is of no interest."""
        self.asked.clear()
        self.unchanged.clear()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path = request.raw_path
        self.asked.append(path)
        page = self.pages.get(path)
        if page is None:
            return await self.otherwise(request) if self.otherwise else web.Response(status=404, text="Not here")
        if not isinstance(page, Page):
            return await page(request)
        headers = {"Content-Type": page.type, **page.headers}
        if page.etag:
            headers["ETag"] = page.etag
            if request.headers.get("If-None-Match") == page.etag:
                self.unchanged.append(path)
                return web.Response(status=304)
        return web.Response(body=page.body, status=page.status, headers=headers)


def article(text: str, *links: str, head: str = "", title: str = "") -> str:
    paragraphs = "".join(f"<p>{html.escape(part)}</p>" for part in text.split("\n"))
    anchors = "".join(f'<li><a href="{html.escape(link)}">page {number}</a></li>' for number, link in enumerate(links))
    return (
        f"<!doctype html><html><head><title>{html.escape(title)}</title>{head}</head><body>"
        f"<nav><a href='/'>Home</a></nav><main><h1>{html.escape(title)}</h1>{paragraphs}</main>"
        f"<ul>{anchors}</ul></body></html>"
    )


async def drip(request: web.Request) -> web.StreamResponse:
    """A page that comes letter by letter and never ends."""
    response = web.StreamResponse(headers={"Content-Type": "text/html"})
    await response.prepare(request)
    while True:
        await response.write(b"<p>")
        await asyncio.sleep(0.2)


@asynccontextmanager
async def web_site() -> AsyncIterator[WebSite]:
    site = WebSite()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", site.answer)
    runner = web.AppRunner(application, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    listening = web.TCPSite(runner, "127.0.0.1", 0)
    await listening.start()
    site.port = runner.addresses[0][1]
    try:
        yield site
    finally:
        await runner.cleanup()
