"""Where a reading of a site begins: its rules for robots and its first page, wherever that address leads.

Everything else waits for these two, so they are asked for more than once. Refuses to know the rest of the site.
"""

from core.addresses import is_allowed, private_hosts
from core.app import Core
from core.crawling.addresses import Home, canonical, has_scheme
from core.crawling.endings import SiteFailed, failure_of_start
from core.crawling.frontier import Frontier
from core.crawling.kept import move_start
from core.crawling.pace import PRIVATE_PAUSE_S, PUBLIC_PAUSE_S, PacedFetcher
from core.crawling.robots import Rules, read_rules
from core.crawling.verdicts import Verdict
from core.crawling.visits import Reading, visit_whatever_happens
from core.errors import AddressRefused, FetchFailed, RobotsUnavailable
from core.fetching import Fetcher
from core.models import Assistant, PageOutcome, Site, SitePage

PATIENCE_S = (2.0, 5.0)
"""Pauses before a site's first page, or its robots.txt, is asked for again."""

_HOPELESS = ("page-closed", "page-refused", "page-elsewhere")


async def enter_site(core: Core, site: Site, fetcher: Fetcher, paced: PacedFetcher) -> Reading:
    """The reading of a site whose first page is read, now or by an earlier try. Raises `SiteFailed`."""
    start = await SitePage.get(site_id=site.id, depth=0)
    rules = await _rules_of(site, start, fetcher, paced)
    reading = Reading(
        core, await Assistant.get(id=site.assistant_id), site, Home.of(start.url), rules, paced, await Frontier.of(site)
    )
    _set_pace(reading)
    if start.reading < site.reading or start.outcome in (PageOutcome.WAITING, PageOutcome.FAILED):
        await _read_start(reading, start, fetcher)
    return reading


async def _rules_of(site: Site, start: SitePage, fetcher: Fetcher, paced: PacedFetcher) -> Rules:
    """Raises `SiteFailed`. An address typed without http or https, where https does not answer, becomes http."""
    try:
        return await _ask_for_rules(fetcher, paced, start.url)
    except SiteFailed as failure:
        unsaid = not has_scheme(site.url) and start.url.startswith("https:") and not start.body_hash
        if not unsaid or failure.code == RobotsUnavailable.code:
            raise
        plain = "http:" + start.url.removeprefix("https:")
        try:
            rules = await _ask_for_rules(fetcher, paced, plain)
        except SiteFailed:
            raise failure from None  # what is wrong with https is what he can do something about
        await move_start(start, plain)
        return rules


async def _ask_for_rules(fetcher: Fetcher, paced: PacedFetcher, url: str) -> Rules:
    """A server that fails once may be restarting. Raises `SiteFailed`."""
    try:
        for pause_s in PATIENCE_S:
            try:
                return await read_rules(fetcher, Home.of(url).origin)
            except RobotsUnavailable:
                await paced.wait(pause_s)
        return await read_rules(fetcher, Home.of(url).origin)
    except (FetchFailed, AddressRefused) as error:
        raise SiteFailed(error.code, error.facts) from error


def _set_pace(reading: Reading) -> None:
    home = reading.home
    private = is_allowed(home.host, home.port, private_hosts(reading.core.settings.allowed_private_hosts))
    reading.fetcher.pause_s = max(PRIVATE_PAUSE_S if private else PUBLIC_PAUSE_S, reading.rules.delay_s)


async def _read_start(reading: Reading, start: SitePage, fetcher: Fetcher) -> None:
    """Raises `SiteFailed` when there is no way in; a first page that only has nothing to say is no failure yet."""
    verdict = await _visit_patiently(reading, start)
    if verdict.code == "page-elsewhere" and not start.body_hash:
        await move_start(start, canonical(str(verdict.facts["url"])))
        reading.home = Home.of(start.url)
        reading.rules = await _ask_for_rules(fetcher, reading.fetcher, start.url)
        _set_pace(reading)
        verdict = await _visit_patiently(reading, start)
    hopeless = verdict.outcome in (PageOutcome.FAILED, PageOutcome.GONE) or verdict.code in _HOPELESS
    if hopeless:
        raise failure_of_start(start)


async def _visit_patiently(reading: Reading, start: SitePage) -> Verdict:
    for pause_s in PATIENCE_S:
        verdict = await visit_whatever_happens(reading, start)
        if verdict.outcome != PageOutcome.FAILED or verdict.code in ("page-unreadable", "page-too-large"):
            return verdict
        await reading.fetcher.wait(pause_s)
    return await visit_whatever_happens(reading, start)
