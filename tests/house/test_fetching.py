"""Only the guard of core/fetching.py opens addresses that owners or strangers give.

A file that opens connections otherwise is named here, with the reason why its address is not a stranger's.
"""

import ast
from collections.abc import Iterator

import pytest

from tests.house.source import imports_of, named, product_files, tree_of

GUARD = "core/fetching.py"
REASONS = {
    GUARD: "the guard itself",
    "core/llm/openai.py": "LLM_URL, a setting of the operator",
    "core/llm/openai_replica.py": "LLM_URL: it is given the session of core/llm/openai.py",
    "core/llm/openai_server.py": "LLM_URL: it is given the session of core/llm/openai.py",
    "core/transcription.py": "TRANSCRIBER_URL, a setting of the operator",
    "core/embeddings/http.py": "EMBEDDINGS_URL, a setting of the operator",
    "core/channels.py": "TELEGRAM_API_URL, a setting of the operator",
    "core/telegram/connection.py": "TELEGRAM_API_URL, a setting of the operator",
    "api/role.py": "a socket that listens on HOST and PORT and calls nobody",
    "core/telegram/polling.py": "TELEGRAM_API_URL, a setting of the operator",
    "core/sqlite.py": "a database in a file",
    "core/slack/outbound.py": "SLACK_API_URL, a setting of the operator; files come and go at Slack's own addresses",
}
# Words and modules with which Python programs reach the network; `fetch_url` and the rest are trafilatura's own.
OPENERS = {
    *("ClientSession", "TCPConnector", "AiohttpSession", "urlopen", "urlretrieve", "build_opener"),
    *("open_connection", "create_connection", "sock_connect", "socket", "start_tls"),
    *("fetch_url", "fetch_response", "buffered_downloads", "find_feed_urls", "sitemap_search", "focused_crawler"),
}
CLIENTS = {
    *("requests", "httpx", "httplib2", "urllib3", "urllib.request", "http.client", "pycurl", "websockets", "ftplib"),
    *("aiohttp.request", "trafilatura.downloads", "trafilatura.spider", "trafilatura.feeds", "trafilatura.sitemaps"),
}


def _openings(tree: ast.Module) -> Iterator[str]:
    """Everything in the file that could open a connection."""
    for name, _ in imports_of(tree):
        if name.rpartition(".")[2] in OPENERS - {"socket"} or _is_client(name):
            yield name
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (node.attr in OPENERS or ast.unparse(node) == "aiohttp.request"):
            yield ast.unparse(node)


def _is_client(name: str) -> bool:
    return any(name == client or name.startswith(f"{client}.") for client in CLIENTS)


def test_nothing_but_the_guard_opens_addresses_of_strangers() -> None:
    found = {named(file): sorted(set(_openings(tree_of(file)))) for file in product_files()}
    opening = {file: openings for file, openings in found.items() if openings}
    assert {file: openings for file, openings in opening.items() if file not in REASONS} == {}, (
        f"fetch owners' and strangers' addresses through {GUARD}; for an address of the operator, give the reason here"
    )
    assert set(REASONS) == set(opening), "a file named here opens nothing any more"


@pytest.mark.parametrize(
    "code",
    [
        "import requests",
        "from urllib.request import urlopen",
        "from aiohttp import request",
        "def f():\n    import httpx",
        "import aiohttp\nasync def f(): aiohttp.ClientSession()",
        "import aiohttp\nasync def f(): aiohttp.request('GET', url)",
        "from aiohttp import ClientSession as Session",
        "import urllib.request",
        "import asyncio\nasync def f(): await asyncio.open_connection('a', 1)",
        "import socket\nsocket.socket()",
        "import trafilatura\ntrafilatura.fetch_url('http://a')",
        "from trafilatura import fetch_url",
    ],
)
def test_every_usual_way_to_the_network_is_seen(code: str) -> None:
    assert list(_openings(ast.parse(code)))


@pytest.mark.parametrize(
    "code", ["from urllib.parse import urlsplit", "import aiohttp\naiohttp.ClientError", "import socket"]
)
def test_what_opens_nothing_is_not_seen(code: str) -> None:
    assert not list(_openings(ast.parse(code)))
