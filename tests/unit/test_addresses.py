"""A private address in any disguise is refused, and an address of the public network is not."""

import pytest

from core.addresses import check_address, is_public, private_hosts, usual_form
from core.errors import AddressRefused

PRIVATE = """
http://127.0.0.1/ http://127.1/ http://127.0.1/ http://0/ http://0.0.0.0/ http://2130706433/ http://017700000001/
http://0x7f000001/ http://0x7f.1/ http://0x7f.0.0.1/ http://0177.0.0.1/ http://127.0.0.1./ http://127.0.0.1../
http://127。0。0。1/ http://１２７.0.0.1/ http://①②⑦.0.0.1/ http://127.0.0.1%2f.example.com/ http://127.0.0.1%00.example.com/
http://10.0.0.1/ http://172.16.5.4/ http://192.168.1.1/ http://100.64.0.1/ http://100.100.100.200/ http://169.254.169.254/
http://192.0.0.192/ http://192.0.2.1/ http://198.18.0.1/ http://198.51.100.7/ http://203.0.113.7/ http://192.88.99.1/
http://224.0.0.1/ http://240.0.0.1/ http://255.255.255.255/ http://168.63.129.16/ http://1.2.3.256/ http://1.2.3.4.5/
http://[::]/ http://[::1]/ http://[0:0:0:0:0:0:0:1]/ http://[::ffff:127.0.0.1]/ http://[::ffff:7f00:1]/
http://[::ffff:8.8.8.8]/ http://[::127.0.0.1]/ http://[::8.8.8.8]/ http://[64:ff9b::7f00:1]/ http://[64:ff9b:1::7f00:1]/
http://[2002:7f00:1::]/ http://[2001:0:7f00:1::]/ http://[2001:db8::1]/ http://[3fff::1]/ http://[fe80::1]/
http://[fe80::1%25eth0]/ http://[fe80::1%eth0]/ http://[fec0::1]/ http://[fc00::1]/ http://[fd00:ec2::254]/ http://[ff02::1]/
http://[100::1]/ http://[2606:4700:4700::1111%251]/
http://localhost/ http://LOCALHOST/ http://localhost./ http://shop.localhost/ http://intranet/ http://printer.local/
http://metadata.google.internal/ http://router.home.arpa/
""".split()
MALFORMED = [
    *("", " ", "example.com", "//example.com/", "http://", "http:///path", "http:example.com", "/path", "?query", "#"),
    *("file:///etc/passwd", "ftp://example.com/", "gopher://example.com/", "javascript:alert(1)", "data:text/html,x"),
    *("mailto:a@example.com", "blob:https://example.com/1", "unix:///run/docker.sock", "https+unix://example.com/"),
    *("http://good.com@127.0.0.1/", "http://user:secret@example.com/", "http://:secret@example.com/"),
    *("http://good.com\\@127.0.0.1/", "http:\\\\127.0.0.1\\", "http://example.com\\.evil/", "http://exa\tmple.com/"),
    *("http://example.com/\r\nX-Header: 1", "http://example.com/\x00", "http://ex ample.com/", "http://exam%70le.com/"),
    *("http://.example.com/", "http://a..example.com/", "http://example.com../", "http://-a.example.com/"),
    *("http://example.com:99999/", "http://example.com:x/", "http://[::1/", "http://*.example.com/", "http://a,b.com/"),
    *(f"http://{'a' * 64}.example.com/", f"http://{'a.' * 150}com/", f"http://example.com/{'a' * 5000}"),
]
UNUSUAL_PORTS = [f"http://example.com:{port}/" for port in (0, 21, 22, 25, 110, 5432, 6379, 9200, 11211, 19530, 65535)]


@pytest.mark.parametrize("url", [*PRIVATE, *MALFORMED, *UNUSUAL_PORTS])
def test_an_address_that_is_private_or_malformed_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_address(url)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://example.com", "https://example.com/"),
        (" HTTPS://Example.COM:443/Цены?q=ё#top\n", "https://example.com/%D0%A6%D0%B5%D0%BD%D1%8B?q=%D1%91"),
        ("http://example.com.:80?a=1", "http://example.com/?a=1"),
        ("http://пример.рф/a b", "http://xn--e1afmkfd.xn--p1ai/a%20b"),
        ("http://my_shop.example.com:8080/a/../b/./c", "http://my_shop.example.com:8080/b/c"),
        ("http://93.184.216.34/", "http://93.184.216.34/"),
        ("https://[2606:4700:4700::1111]:8443/", "https://[2606:4700:4700::1111]:8443/"),
        ("http://3com.com/", "http://3com.com/"),
        ("http://good.com#@127.0.0.1/", "http://good.com/"),
        ("http://good.com?@127.0.0.1/", "http://good.com/?@127.0.0.1/"),
    ],
)
def test_a_public_address_comes_back_in_its_usual_form(url: str, asked: str) -> None:
    assert check_address(url) == asked
    assert check_address(asked) == asked


def test_a_private_host_is_allowed_by_its_name_as_written_and_no_other() -> None:
    allowed = private_hosts(" Intranet, 127.0.0.1:8080 ,[::1]:9000,, shop.local")
    for url in ("http://intranet/", "http://INTRANET:5000/", "http://127.0.0.1:8080/a", "http://[::1]:9000/"):
        assert check_address(url, allowed)
    for url in (
        *("http://127.0.0.1/", "http://127.0.0.1:8081/", "http://127.1:8080/", "http://2130706433:8080/"),
        *("http://[::ffff:127.0.0.1]:8080/", "http://localhost:8080/", "http://intranet.evil:5000/", "http://[::1]/"),
        *("http://user@intranet/", "file://intranet/", "http://a.shop.local/", "http://intranet%00/"),
    ):
        with pytest.raises(AddressRefused):
            check_address(url, allowed)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e"])
def test_addresses_of_the_public_network_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("answer", ["", "localhost", "8.8.8.8.", "08.8.8.8", "fe80::1%eth0", "::ffff:8.8.8.8"])
def test_what_a_resolver_should_not_answer_is_not_public(answer: str) -> None:
    assert not is_public(answer)


def test_the_usual_form_makes_no_difference_between_hosts() -> None:
    assert usual_form("http://localhost:9/a#b") == "http://localhost:9/a"
