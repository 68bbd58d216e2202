"""Kinds of Slack's tokens and secrets, told apart by how they look. https://docs.slack.dev/authentication/tokens"""

import re

from core.slack.errors import OtherSlackToken, SlackUserToken, WrongSlackAppToken, WrongSlackSecret

BOT_TOKEN = re.compile(r"(?<![\w-])(?:xoxe\.)?xoxb-[\w-]{3,300}", re.ASCII)
APP_TOKEN = re.compile(r"(?<![\w-])xapp-[\w-]{1,300}", re.ASCII)
SIGNING_SECRET = re.compile(r"(?<![0-9a-zA-Z-])[0-9a-f]{32}(?![0-9a-zA-Z-])")
_APP_OF_TOKEN = re.compile(r"xapp-\d+-(A[0-9A-Z]{6,})-")
_USER_TOKEN = re.compile(r"(?:xoxe\.)?xoxp-")


def must_be_bot_token(token: str) -> None:
    """Raises `SlackUserToken`, `OtherSlackToken`."""
    if BOT_TOKEN.fullmatch(token):
        return
    if _USER_TOKEN.match(token):
        raise SlackUserToken(field="bot_token", reason="a user's token")
    raise OtherSlackToken(field="bot_token", reason="not a bot token")


def must_be_app_token(token: str) -> None:
    """Raises `WrongSlackAppToken`."""
    if not APP_TOKEN.fullmatch(token):
        raise WrongSlackAppToken(field="app_token", reason="not an app-level token")


def must_be_signing_secret(secret: str) -> None:
    """Raises `WrongSlackSecret`."""
    if not SIGNING_SECRET.fullmatch(secret):
        raise WrongSlackSecret(field="signing_secret", reason="not a signing secret")


def app_of(app_token: str) -> str:
    """The app's id that an app-level token carries; nothing where it does not look like Slack's."""
    found = _APP_OF_TOKEN.match(app_token)
    return found.group(1) if found else ""
