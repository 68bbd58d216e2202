"""One address for one page; what is the same site; where endless sites end."""

import pytest

from core.crawling.addresses import (
    Crowds,
    Home,
    addresses_in,
    hash_of_site,
    looks_like_address,
    may_have_text,
    only_addresses,
    shown,
)

HOME = Home.of("https://www.example.com/ru/")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("http://example.com", "https://www.example.com/"),
        ("HTTPS://Example.COM:443/Prices", "https://www.example.com/Prices"),
        ("https://example.com./a#top", "https://www.example.com/a"),
        ("https://example.com/a/../b/./c", "https://www.example.com/b/c"),
        ("https://example.com/a?b=2&a=1", "https://www.example.com/a?a=1&b=2"),
        ("https://example.com/a?utm_source=x&UTM_Medium=y&gclid=1&yclid=2&fbclid=3", "https://www.example.com/a"),
        ("https://example.com/a?id=5&utm_campaign=z", "https://www.example.com/a?id=5"),
        ("https://example.com/a;jsessionid=0A1B?PHPSESSID=1&sid=0123456789abcdef", "https://www.example.com/a"),
        ("https://example.com/a?sid=17", "https://www.example.com/a?sid=17"),
        ("https://example.com/%7euser/%d0%b0", "https://www.example.com/~user/%D0%B0"),
        ("https://example.com/о нас", "https://www.example.com/%D0%BE%20%D0%BD%D0%B0%D1%81"),
        ("https://example.com/a/", "https://www.example.com/a/"),
        ("https://example.com/index.html", "https://www.example.com/index.html"),
        ("https://example.com/?page", "https://www.example.com/?page"),
    ],
)
def test_one_page_has_one_address(written: str, meant: str) -> None:
    assert HOME.own(written) == meant
    assert HOME.own(meant) == meant


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example.com/", "https://example.com.evil.example/", "https://example.org/", "https://wwwexample.com/",
        "http://example.com:8080/", "mailto:a@example.com", "tel:+7", "javascript:alert(1)", "/relative", "", "https://",
        "https://[::1", "https://www.example.com:99999/", "ftp://example.com/a.pdf",
    ],
)  # fmt: skip
def test_subdomains_other_ports_and_everything_else_are_not_this_site(url: str) -> None:
    assert HOME.own(url) is None


def test_a_site_on_a_port_of_its_own_is_that_port_alone() -> None:
    home = Home.of("http://127.0.0.1:8099/a?b")

    assert home.origin == "http://127.0.0.1:8099"
    assert home.own("http://127.0.0.1:8099/x") == "http://127.0.0.1:8099/x"
    assert home.own("http://127.0.0.1/x") is None
    assert home.own("http://localhost:8099/x") is None


def test_all_ways_to_write_a_sites_address_are_one_site() -> None:
    ways = ["example.com", "http://example.com", "https://www.example.com/", "HTTPS://EXAMPLE.com/?utm_source=x#top"]

    assert len({hash_of_site(way) for way in ways}) == 1
    assert hash_of_site("example.com/shop") != hash_of_site("example.com")
    assert hash_of_site("example.com:8080") != hash_of_site("example.com")


@pytest.mark.parametrize(
    "text",
    [
        "example.com",
        "www.example.com/a?b=1",
        "https://127.0.0.1:80/x",
        "Пример.рф",
        "чай.рф/о-нас",
        " a.co ",
        "example.com:8080",
        "127.0.0.1:41234",
        "93.184.216.34",
        "10.0.0.7/shop?a=1",
    ],
)
def test_an_address_is_told_from_a_question(text: str) -> None:
    assert looks_like_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "How much?",
        "see example.com",
        "a@b",
        "1.5",
        "12.50",
        "v1.2.3",
        "т.е.",
        "ok.",
        "e.g. this",
        "8.800.555.35",
        "1.2.2024",
        "127.0.0.1 41234",
    ],
)
def test_a_question_is_told_from_an_address(text: str) -> None:
    assert not looks_like_address(text)


@pytest.mark.parametrize(
    ("text", "found", "alone"),
    [
        ("example.com", ["example.com"], True),
        ("shop.de", ["shop.de"], True),
        ("shop.de\nshop.ru/dostavka", ["shop.de", "shop.ru/dostavka"], True),
        ("1. https://shop.de/a,\n2. https://shop.de/b", ["https://shop.de/a", "https://shop.de/b"], True),
        ("чай.рф и кофе.рф, а также www.вода.рф", ["чай.рф", "кофе.рф", "www.вода.рф"], False),
        ("чай.рф и кофе.рф", ["чай.рф", "кофе.рф"], True),
        ("please read https://shop.de and shop.ru", ["https://shop.de", "shop.ru"], False),
        ("shop.de shop.de", ["shop.de"], True),
        ("delete prices.pdf and terms.docx", [], False),
        ("we moved from old.de some years ago, and since then everybody finds us under new.de, of course", [], False),
        ("how much is it?", [], False),
        ("", [], False),
    ],
)
def test_several_addresses_are_found_in_a_message_that_says_little_else(
    text: str, found: list[str], alone: bool
) -> None:
    assert addresses_in(text) == found
    assert bool(only_addresses(text)) is alone


@pytest.mark.parametrize(
    ("url", "worth"),
    [
        ("https://e.com/prices", True),
        ("https://e.com/terms.pdf", True),
        ("https://e.com/list.xlsx?v=2", True),
        ("https://e.com/photo.JPG", False),
        ("https://e.com/app.js?v=1", False),
        ("https://e.com/a/a/b", True),
        ("https://e.com/a/b/a/b/a/b", False),
        ("https://e.com/" + "a/b" * 12, False),
        ("https://e.com/" + "a" * 1_000, False),
    ],
)
def test_pictures_programs_and_loops_of_links_are_not_worth_a_visit(url: str, worth: bool) -> None:
    assert may_have_text(url) is worth


def test_a_calendar_or_a_filter_without_end_takes_at_most_half_of_a_site() -> None:
    crowds = Crowds(max_pages=200)
    days = [
        f"https://e.com/calendar/{year}/{month}/{day}" for year in range(9) for month in range(12) for day in range(28)
    ]
    filters = [f"https://e.com/shop?color={color}" for color in "abcdefghijklmnopqrstuvwxyz" * 4]

    assert sum(crowds.admits(url) for url in days) == 100
    assert sum(crowds.admits(url) for url in filters) == 40
    assert all(crowds.admits(f"https://e.com/product/{number}") for number in range(1_000)), (
        "a shop's goods are no calendar"
    )


@pytest.mark.parametrize(
    ("url", "people"),
    [
        ("https://example.com/", "example.com"),
        ("https://xn--e1afmkfd.xn--p1ai/%D0%BE-%D0%BD%D0%B0%D1%81", "пример.рф/о-нас"),
        ("http://127.0.0.1:8080/a/", "127.0.0.1:8080/a"),
    ],
)
def test_addresses_are_shown_as_people_write_them(url: str, people: str) -> None:
    assert shown(url) == people
