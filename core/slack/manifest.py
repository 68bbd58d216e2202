"""What a Slack app that serves an assistant may do, hears, and where Slack calls: the app's manifest.

https://docs.slack.dev/reference/app-manifest. docs/slack-app-*.json are made from this, and a test compares them.
"""

import json
from typing import Any
from urllib.parse import quote

from core.settings import Settings

BOT_SCOPES = (
    "app_mentions:read", "assistant:write", "channels:history", "chat:write", "commands", "files:read", "files:write",
    "groups:history", "im:history", "im:read", "im:write", "mpim:history", "users:read",
)  # fmt: skip
EVENTS = (
    "app_home_opened", "app_mention", "app_uninstalled", "assistant_thread_started", "message.channels",
    "message.groups", "message.im", "message.mpim", "tokens_revoked",
)  # fmt: skip
COMMAND = "/ask"
LONGEST_NAME = 35
_NEW_APP = "https://api.slack.com/apps?new_app=1&manifest_json="


def https_address(settings: Settings) -> str:
    """Where Slack can call this installation; nothing where it cannot, and Socket Mode is the way."""
    return settings.public_url if settings.public_url.startswith("https://") else ""


def manifest(name: str, about: str, address: str = "", *, callback: bool = False) -> dict[str, Any]:
    """For an app called `name`. Without an `address`, for Socket Mode. `callback`: other workspaces may install it."""
    command: dict[str, Any] = {"command": COMMAND, "description": about}
    events: dict[str, Any] = {"bot_events": list(EVENTS)}
    buttons: dict[str, Any] = {"is_enabled": True}
    oauth: dict[str, Any] = {"scopes": {"bot": list(BOT_SCOPES)}}
    if address:
        command["url"] = f"{address}/slack/commands"
        events["request_url"] = f"{address}/slack/events"
        buttons["request_url"] = f"{address}/slack/interactions"
    if callback:
        oauth["redirect_urls"] = [f"{address}/slack/callback"]
    short = name[:LONGEST_NAME].strip()
    return {
        "display_information": {"name": short},
        "features": {
            "app_home": {"messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
            "bot_user": {"display_name": short, "always_online": True},
            "slash_commands": [command],
            "assistant_view": {"assistant_description": about},
        },
        "oauth_config": oauth,
        "settings": {
            "event_subscriptions": events,
            "interactivity": buttons,
            "socket_mode_enabled": not address,
            "token_rotation_enabled": False,
        },
    }


def as_file(made: dict[str, Any]) -> str:
    return json.dumps(made, ensure_ascii=False, indent=2) + "\n"


def new_app_link(made: dict[str, Any]) -> str:
    """Slack's page that makes an app from it, filled in. Short enough for a button: 2,000 characters."""
    return _NEW_APP + quote(json.dumps(made, ensure_ascii=False, separators=(",", ":")), safe=":,/")
