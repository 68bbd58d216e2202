"""Which addresses the product may open for an owner or a stranger's page. Refuses to look names up or to connect.

`check_address` reads the address alone, `is_public` judges where a name leads. Both say no to whatever they do not
know: a private address in disguise (127.1, 0x7f.1, ::ffff:127.0.0.1, full-width digits) is still private.
"""

import ipaddress
import re

from yarl import URL

from core.errors import AddressRefused

PORTS = frozenset({80, 443, 8080, 8443})
"""Where public sites answer. Other ports belong to mail, databases and the like; a host that the operator named in
ALLOWED_PRIVATE_HOSTS may use any."""

_LONGEST = 4_000
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\\]")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PRIVATE_SUFFIXES = (".localhost", ".local", ".internal", ".intranet", ".home.arpa")
# All that networks of the world are given. Mapped, compatible, NAT64, local and multicast addresses lie outside.
_GIVEN_OUT = ipaddress.IPv6Network("2000::/3")
# What `is_global` of some Python 3.11 or 3.12 does not know. From IANA's special-purpose registries (RFC 6890).
_NEVER_V6 = [ipaddress.IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]
_NEVER_V4 = [
    ipaddress.IPv4Network(network)
    for network in (
        *("0.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.88.99.0/24"),
        *("198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",  # looks public, is Azure's own service inside every machine there
    )
]


def check_address(url: str, allowed_private_hosts: frozenset[str] = frozenset()) -> str:
    """The address in its usual form, if it may be asked. Where its name leads is not looked up.

    Raises `AddressRefused`; its fact `reason` is for logs.
    """
    written = usual_form(url)
    parsed = URL(written)
    host, port = parsed.raw_host or "", parsed.port or 0
    if not is_allowed(host, port, allowed_private_hosts):
        _check_host(host)
        if port not in PORTS:
            raise AddressRefused(reason=f"port {port}")
    return written


def usual_form(url: str) -> str:
    """An http(s) address as it will be asked for: host in ASCII, no fragment. Equal pages have equal addresses.

    Raises `AddressRefused` for what is no such address, or names a user.
    """
    url = url.strip()
    if len(url) > _LONGEST or _CONTROLS.search(url):
        raise AddressRefused(reason="too long, or with characters that no address has")
    try:
        parsed = URL(url).with_fragment(None)
        host = parsed.raw_host or ""
        if host.endswith("."):
            parsed = parsed.with_host(host.removesuffix("."))
        if host and parsed.raw_path in ("", "/"):
            parsed = parsed.with_path("/", keep_query=True)
    except ValueError as error:
        raise AddressRefused(reason=f"cannot be read: {error}") from None
    if parsed.scheme not in ("http", "https") or not host or "%" in host:
        raise AddressRefused(reason=f"no address of the web: scheme {parsed.scheme!r}")
    if parsed.raw_user is not None or parsed.raw_password is not None:
        raise AddressRefused(reason="names a user")
    return str(parsed)


def is_allowed(host: str, port: int, allowed_private_hosts: frozenset[str]) -> bool:
    """Whether the operator named this host, written exactly so, alone or with this port."""
    shown = f"[{host}]" if ":" in host else host
    return shown in allowed_private_hosts or f"{shown}:{port}" in allowed_private_hosts


def is_public(address: str) -> bool:
    """Whether this IP address, as a resolver writes it, is one of the public network's."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if not found.is_global or found.is_multicast or found.is_reserved:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return not any(found in network for network in _NEVER_V4)
    return found in _GIVEN_OUT and not any(found in network for network in _NEVER_V6)


def private_hosts(setting: str) -> frozenset[str]:
    """ALLOWED_PRIVATE_HOSTS as a set: "intranet, shop.test:8080" -> {"intranet", "shop.test:8080"}."""
    return frozenset(host.strip().lower() for host in setting.split(",") if host.strip())


def _check_host(host: str) -> None:
    """A public IP address in its usual form, or a name of at least two words. Raises `AddressRefused`."""
    labels = host.split(".")
    if ":" in host or (len(labels) == 4 and all(label.isdecimal() for label in labels)):
        if not is_public(host):
            raise AddressRefused(reason=f"{host} is not public")
        return
    # A name that ends in a number is an IPv4 address in disguise (https://url.spec.whatwg.org/#ends-in-a-number-checker).
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels) or _NUMBER.fullmatch(labels[-1]):
        raise AddressRefused(reason="no name of a host")
    if len(labels) < 2 or host.endswith(_PRIVATE_SUFFIXES):
        raise AddressRefused(reason=f"{host} is a private name")
