"""How a site stands, in one message: while it is read, and what came of it. Refuses to change anything."""

from admin_bot.keyboards import Row, button
from admin_bot.progress import Glimpse, Watched
from core.app import Core
from core.crawling.addresses import shown
from core.crawling.endings import answers_at_all
from core.crawling.report import describe_site, now_reading, reasons_of
from core.models import Site, SiteStatus
from core.sites import MOST_PAGES

_MOST_REASONS = 4
_LONGEST_NAME = 60
SCHEDULES = {24: "button-every-day", 168: "button-every-week", 0: "button-never"}


async def look_at_site(core: Core, watched: Watched) -> Glimpse:
    """How far the reading is, for the message that tells of it."""
    site = await Site.get_or_none(id=watched.subject)
    if site is None:
        menu = button(core.texts.say(watched.locale, "button-menu"), "menu")
        return Glimpse(core.texts.say(watched.locale, "admin-site-deleted", name=watched.name), ([menu],), over=True)
    text, rows = await card_of(core, site, watched.locale)
    over = site.status not in (SiteStatus.QUEUED, SiteStatus.READING)
    return Glimpse(text, tuple(rows), over=over, loud=over)


async def card_of(core: Core, site: Site, locale: str) -> tuple[str, list[Row]]:
    """What to say of a site, and what can be done with it."""
    if site.status in (SiteStatus.QUEUED, SiteStatus.READING):
        stop = button(core.texts.say(locale, "button-stop-reading"), "site.stop", site.id)
        parts = [await _under_way(core, site, locale), describe_site(core, site, locale)]
        return "\n\n".join(filter(None, parts)), [[stop]]
    if site.status == SiteStatus.PAUSED:
        return core.texts.say(locale, "admin-site-paused", name=_name(site.url)), _ways_of_paused(core, site, locale)
    parts = [await ending_of(core, site, locale), await _not_read(core, site, locale)]
    if site.status == SiteStatus.DONE:
        parts += [describe_site(core, site, locale), core.texts.say(locale, "admin-site-next")]
    parts.append(core.texts.say(locale, "admin-site-schedule"))
    return "\n\n".join(part for part in parts if part), _choices(core, site, locale)


async def _under_way(core: Core, site: Site, locale: str) -> str:
    address = await now_reading(site)
    if not site.pages_found or not address:
        return core.texts.say(locale, "admin-site-opening", name=_name(site.url))
    return core.texts.say(
        locale,
        "admin-site-reading",
        name=_name(site.url),
        read=site.pages_read,
        found=site.pages_found,
        address=_name(address),
    )


async def ending_of(core: Core, site: Site, locale: str) -> str:
    """What came of a reading that is over, in a sentence or two."""
    name, read = _name(site.url), site.pages_read
    if site.status == SiteStatus.FAILED:
        known = await answers_at_all(site)
        key = "admin-site-failed-known" if known else "admin-site-failed"
        return core.texts.say(locale, key, name=name, reason=describe_site(core, site, locale))
    if site.status == SiteStatus.CANCELLED:
        return core.texts.say(locale, "admin-site-stopped", name=name, read=read)
    if site.pages_unchanged:
        changed = read - site.pages_unchanged
        return core.texts.say(locale, "admin-site-done-again", name=name, read=read, changed=changed)
    return core.texts.say(locale, "admin-site-done", name=name, read=read)


async def _not_read(core: Core, site: Site, locale: str) -> str:
    """The commonest reasons, a line each, with one page to look at."""
    if site.status == SiteStatus.FAILED:
        return ""
    reasons = await reasons_of(core, site, locale)
    if not reasons:
        return ""
    lines = [core.texts.say(locale, "admin-site-not-read")]
    lines += [
        core.texts.say(locale, "admin-site-reason", count=one.count, reason=one.words, address=_path(one.url))
        for one in reasons[:_MOST_REASONS]
    ]
    if others := sum(one.count for one in reasons[_MOST_REASONS:]):
        lines.append(core.texts.say(locale, "admin-site-other-reasons", count=others))
    return "\n".join(lines)


def _choices(core: Core, site: Site, locale: str) -> list[Row]:
    def a_button(key: str, do: str, hours: int = 0) -> Row:
        return [button(core.texts.say(locale, key), do, site.id, hours)]

    schedule = [
        button(
            ("✓ " if hours == site.every_hours else "") + core.texts.say(locale, key), "site.every", site.id, page=hours
        )
        for hours, key in SCHEDULES.items()
    ]
    more: Row = []
    if site.error_code == "site-more-pages" and site.max_pages < MOST_PAGES:
        label = core.texts.say(locale, "button-more-pages", limit=more_pages(site))
        more = [button(label, "site.more", site.id)]
    return [
        more,
        a_button("button-read-again", "site.again"),
        schedule,
        a_button("button-pause", "site.pause"),
        a_button("button-delete-site", "site.delete"),
        [
            button(core.texts.say(locale, "button-documents"), "docs"),
            button(core.texts.say(locale, "button-menu"), "menu"),
        ],
    ]


def _ways_of_paused(core: Core, site: Site, locale: str) -> list[Row]:
    return [
        [button(core.texts.say(locale, "button-resume"), "site.use", site.id)],
        [button(core.texts.say(locale, "button-delete-site"), "site.delete", site.id)],
        [
            button(core.texts.say(locale, "button-documents"), "docs"),
            button(core.texts.say(locale, "button-menu"), "menu"),
        ],
    ]


def more_pages(site: Site) -> int:
    """The next larger limit."""
    return min(2 * site.max_pages, MOST_PAGES)


def _name(address: str) -> str:
    name = shown(address)
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"


def _path(address: str) -> str:
    """The part after the host, in letters: the host is said above."""
    return f"/{shown(address).partition('/')[2]}"[:_LONGEST_NAME]
