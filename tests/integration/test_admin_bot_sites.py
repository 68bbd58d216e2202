"""An owner sends the address of his site and watches it become knowledge."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from pydantic import SecretStr

from core.app import Core
from core.models import Channel, PassageRow, Site, SiteStatus
from core.sites import change_site, sites_of
from tests.integration.conftest import MakePerson, running
from tests.integration.owners import assistant_of_person, started
from tests.telegram_server import Person, TelegramServer
from tests.waiting import until
from tests.web_site import WebSite, web_site


@pytest.fixture
async def web() -> AsyncIterator[WebSite]:
    async with web_site() as there:
        there.sends("/robots.txt", b"User-agent: *\nDisallow: /private", "text/plain")
        there.says("/", "The Copper Kettle is a small shop in the old town.", "/prices", "/private", "/gone", "/shell")
        there.says("/prices", "A copper kettle of one litre costs 89 euros, with a wooden handle 95 euros.")
        there.sends("/shell", b"<html><script></script><body><div id=root></div></body></html>", "text/html")
        yield there


@pytest.fixture
async def house(core: Core, telegram: TelegramServer, web: WebSite) -> AsyncIterator[Core]:
    """As for the other conversations, with leave to read this private host."""
    values = {
        "telegram_api_url": telegram.url,
        "admin_bot_token": SecretStr(telegram.new_bot()),
        "allowed_private_hosts": web.host,
    }
    yield replace(core, settings=core.settings.model_copy(update=values))
    await Channel.all().delete()


@pytest.fixture
async def worker(house: Core) -> AsyncIterator[None]:
    from workers.role import run

    async with running(house, run(house)):
        yield


async def test_an_address_becomes_knowledge_that_is_watched_scheduled_and_deleted(
    olga: Person, worker: None, web: WebSite
) -> None:
    await olga.says(web.url)
    await olga.reads("looks like the address of a site")
    await olga.presses("Read this site")
    report = await olga.reads("✅ ", 60)
    assert report.text.startswith(f"✅ {web.host}: 2 pages read.")
    assert "• closed to robots by the site (robots.txt): /private" in report.text
    assert "• needs JavaScript to show its text: /shell" in report.text
    assert "• no such page (404): /gone" in report.text

    await olga.presses("every day")
    await olga.presses("✓ every day")
    site = (await sites_of(await assistant_of_person(olga)))[0]
    assert (await Site.get(id=site.id)).every_hours == 24

    await olga.says("What does a copper kettle of one litre cost?")
    await olga.reads("89", 40)
    await olga.says("/menu")
    await olga.presses("Documents")
    await olga.presses("Sites: 1")
    await olga.presses(web.host)
    await olga.presses("Delete the site")
    await olga.reads("with everything I read there?")
    await olga.presses("Yes, delete")
    await olga.reads("is deleted; the assistant no longer knows it")
    assert await sites_of(await assistant_of_person(olga)) == []


WORDS = {
    "en": ("English", "Read this site", "How often shall I read", "Pause", "does not answer from it", "Use it again"),
    "ru": ("Русский", "Прочитать сайт", "Как часто", "Приостановить", "не отвечает", "Снова использовать"),
}


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_a_site_is_paused_used_again_and_paused_by_undo(
    language: str, admin_bot: None, writes_to_admin_bot: MakePerson, worker: None, web: WebSite
) -> None:
    named, read_it, often, pause, silent, use = WORDS[language]
    olga = await started(writes_to_admin_bot(language), named)
    await olga.says(web.url)
    await olga.presses(read_it)
    await olga.reads(often, 60)
    rosa = await assistant_of_person(olga)

    async def answers() -> bool:
        return await PassageRow.filter(assistant_id=rosa.id, text__contains="89 euros").exists()

    async def is_silent() -> bool:
        return not await answers()

    assert await answers()
    await olga.presses("⏸ " + pause)
    await olga.reads(silent)
    await until(is_silent)
    await olga.presses("▶️ " + use)
    await until(answers)
    await olga.presses("↩️")
    await until(is_silent)


MANY = {
    "en": ("English", "You sent 3 addresses", "Read them all", "This address cannot be used", "please read the site "),
    "ru": ("Русский", "Адреса в вашем сообщении (3)", "Прочитать все", "адрес не подходит", "прочитай сайт "),
}


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_several_links_in_a_message_are_read_each_and_a_bad_one_stops_none(
    language: str, admin_bot: None, writes_to_admin_bot: MakePerson, worker: None, web: WebSite
) -> None:
    named, many, read_all, refused, wish = MANY[language]
    olga = await started(writes_to_admin_bot(language), named)
    await olga.says(f"{web.url}/prices\n{web.url}\nhttp://127.0.0.1:1/")
    assert f"• {web.host}/prices\n" in (await olga.reads(many)).text
    await olga.presses("🌐 " + read_all)
    await olga.reads(refused)
    rosa = await assistant_of_person(olga)

    async def both() -> bool:
        sites = await sites_of(rosa)
        return [site.status for site in sites] == [SiteStatus.DONE] * 2

    await until(both, 60)
    await olga.reads(f"✅ {web.host}/prices", 20)
    await olga.reads(f"✅ {web.host}:", 20)

    await olga.says(f"{web.url}/prices")
    await olga.presses("⏸")
    await olga.says(f"{wish}{web.url}/club")
    await olga.presses(WORDS[language][1])

    async def three() -> bool:
        return len(await sites_of(rosa)) == 3

    await until(three)


async def test_a_site_that_cannot_be_opened_is_told_in_plain_words(olga: Person, worker: None, web: WebSite) -> None:
    web.sends("/robots.txt", b"User-agent: *\nDisallow: /", "text/plain")
    await olga.says("/menu")
    await olga.presses("Documents")
    await olga.presses("Add a site")
    await olga.reads("Send me the address of your site")
    await olga.says("my shop")
    await olga.reads("does not look like an address")
    await olga.says("http://192.168.0.1/")
    await olga.reads("This address cannot be used", 10)
    await olga.says(web.url)
    told = await olga.reads("not read.", 30)
    assert "The site forbids robots to read it" in told.text
    assert "How often shall I read the site again?" in told.text, "the buttons below have their question"
    assert any("every day" in button["text"] for button in told.buttons)


async def test_a_button_about_another_owners_site_does_nothing(
    olga: Person, writes_to_admin_bot: MakePerson, web: WebSite
) -> None:
    await olga.says(web.url)
    await olga.presses("Read this site")
    await olga.reads("opening…")
    [site] = await sites_of(await assistant_of_person(olga))
    ivan = await started(writes_to_admin_bot(), name="Tea School")
    menu = await ivan.reads("Tea School")
    for do in ("site", "site.again", "site.more", "site.every", "site.stop", "site.delete", "site.delete.yes"):
        await ivan.presses_data(menu.message_id, f"p:{do}:{site.id.hex}:24")
        await ivan.reads("This button is out of date")
    untouched = await Site.get(id=site.id)
    assert (untouched.status, untouched.every_hours) == ("queued", 0)


async def test_a_site_larger_than_its_limit_is_read_further_by_one_press(
    olga: Person, house: Core, web: WebSite
) -> None:
    from workers.role import run

    web.says("/", "The Copper Kettle is a small shop in the old town.", *(f"/tea/{leaf}" for leaf in "abc"))
    for leaf in "abc":
        web.says(f"/tea/{leaf}", f"The tea of sort {leaf} is grown on the hills of the far province.")
    await olga.says(web.url)
    await olga.presses("Read this site")
    await olga.reads("opening…")
    [site] = await sites_of(await assistant_of_person(olga))
    await change_site(site, max_pages=2)
    async with running(house, run(house)):
        await olga.reads("at least 2 more pages were found", 60)
        await olga.presses("Read up to 4 pages")
        await olga.reads("looked through 4 pages again, new or changed: 2", 60)
