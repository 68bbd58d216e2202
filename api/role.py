"""The web server as a role: serves until it is cancelled, then lets answers under way end, for a short time.

Hypercorn runs in the task that calls `run`, so its handlers see the database that was opened around it.
"""

import asyncio
import logging
import socket

from hypercorn.asyncio import serve
from hypercorn.config import Config

from api.app import create_app
from api.context import WebApp
from core.app import Core
from core.errors import PortUnavailable
from core.settings import Settings

log = logging.getLogger(__name__)
GRACE_S = 1.5
CONNECTIONS_S = 0.5
KEEP_ALIVE_S = 75.0
"""Longer than programs and proxies keep an idle connection: whoever uses one that is just being closed loses a
request."""


async def run(core: Core) -> None:
    """Serve until cancelled; gone within three seconds after that, whatever streams are open."""
    listening = open_port(core.settings)
    host, port = listening.getsockname()[:2]
    app = create_app(core)
    requests: set[asyncio.Task[None]] = set()
    _keep_requests(app, requests)
    stop = asyncio.Event()
    config = _config(listening)
    serving = asyncio.get_running_loop().create_task(serve(app, config, shutdown_trigger=stop.wait), name="web server")
    log.info("listening on http://%s:%s", host, port)
    try:
        await asyncio.shield(serving)
    finally:
        stop.set()
        await _end(requests)
        await asyncio.wait({serving}, timeout=2 * CONNECTIONS_S)
        serving.cancel()
        await asyncio.wait({serving}, timeout=CONNECTIONS_S)


def open_port(settings: Settings) -> socket.socket:
    """Take HOST and PORT; 0 takes any free port. Raises `PortUnavailable`."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen()
    except OSError as error:
        listening.close()
        reason = (error.strerror or str(error)).lower()
        raise PortUnavailable(port=str(settings.port), host=settings.host, reason=reason) from error
    return listening


def _config(listening: socket.socket) -> Config:
    config = Config()
    config.bind = [f"fd://{listening.detach()}"]
    config.graceful_timeout = CONNECTIONS_S
    config.include_server_header = False
    config.keep_alive_timeout = KEEP_ALIVE_S
    config.errorlog = logging.getLogger("hypercorn.error")
    return config


def _keep_requests(app: WebApp, requests: set[asyncio.Task[None]]) -> None:
    """Know the requests under way: the server forgets them when it stops, they must not outlive it."""

    async def remember() -> None:
        task = asyncio.current_task()
        if task:
            requests.add(task)
            task.add_done_callback(requests.discard)

    app.before_request(remember)


async def _end(requests: set[asyncio.Task[None]]) -> None:
    """Let requests finish, then cancel what is left."""
    if requests:
        await asyncio.wait(requests, timeout=GRACE_S)
    left = set(requests)
    for task in left:
        task.cancel()
    if left:
        await asyncio.wait(left, timeout=CONNECTIONS_S)
