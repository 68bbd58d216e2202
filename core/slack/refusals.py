"""What Slack's refusals mean: wait, never here, never with this token, or never at all. Knows no message."""

import logging

from slack_sdk.errors import SlackApiError

from core.errors import WrongBotToken
from core.slack.calling import GONE, code_of
from core.slack.gone import REVOKED, UNINSTALLED

log = logging.getLogger(__name__)

CLOSED = frozenset(
    """channel_not_found not_in_channel is_archived user_not_found user_disabled cannot_dm_bot messages_tab_disabled
    restricted_action restricted_action_read_only_channel restricted_action_thread_locked thread_not_found
    user_is_restricted cannot_reply_to_message""".split()
)
"""https://docs.slack.dev/reference/methods/chat.postMessage#errors: nothing can be said there now."""
PASSING = frozenset("internal_error fatal_error service_unavailable request_timeout team_added_to_org".split())


class SlackTokenRefused(WrongBotToken):
    """Slack does not take this workspace's token any more."""

    code = REVOKED


class SlackAppRemoved(SlackTokenRefused):
    """The workspace has put the app out."""

    code = UNINSTALLED


class ChatClosed(Exception):
    """The channel is gone or archived, or the app was put out of it: nothing can be said there now."""


class NotTaken(Exception):
    """Slack refuses this very request, now and later. Its word for why is the text."""


def raise_lasting(refusal: SlackApiError) -> None:
    """Raises what will not pass by itself."""
    word = code_of(refusal)
    if word in GONE:
        log.warning("Slack refuses the token: %s", word)
        raise SlackTokenRefused(field="token", reason=word) from None
    if word in CLOSED:
        log.info("a channel is closed to us: %s", word)
        raise ChatClosed from None
    if word and word not in PASSING and status_of(refusal) < 500:
        raise NotTaken(word) from None


def status_of(refusal: SlackApiError) -> int:
    """Of the library's response, or of the bare one where it was no JSON."""
    response = refusal.response
    return int(getattr(response, "status_code", 0) or getattr(response, "status", 0))


def wait_of(refusal: SlackApiError) -> float | None:
    """Seconds, where Slack says "not before"."""
    if status_of(refusal) != 429 and code_of(refusal) not in ("ratelimited", "rate_limited"):
        return None
    try:
        return max(0.0, float(refusal.response.headers.get("Retry-After", 1)))
    except ValueError:
        return 1.0
