"""What can be wrong with a workspace or with what its owner pasted, each with the next step in its sentence."""

from core.errors import BotTaken, Invalid


class SlackTaken(BotTaken):
    """Another assistant answers in this workspace through this app already. Facts: `team`."""

    code = "error-slack-taken"


class SlackOfYours(SlackTaken):
    """One of the same business does. Facts: `team`, `assistant`."""

    code = "error-slack-of-yours"


class WrongSlackToken(Invalid):
    """Slack does not know this bot token, or no longer does."""

    code = "error-wrong-slack-token"


class SlackUserToken(WrongSlackToken):
    """The token of a person (xoxp-), not of the app's bot."""

    code = "error-slack-user-token"


class OtherSlackToken(WrongSlackToken):
    """None of the kinds that are needed here."""

    code = "error-slack-other-token"


class WrongSlackAppToken(WrongSlackToken):
    """An xapp- token that Slack does not know, or that may not open connections."""

    code = "error-wrong-slack-app-token"


class SlackAppsDiffer(WrongSlackToken):
    """The bot token and the xapp- token belong to two apps."""

    code = "error-slack-apps-differ"


class WrongSlackSecret(Invalid):
    """A signing secret is 32 characters of 0-9 and a-f."""

    code = "error-wrong-slack-secret"


class SlackSecretMissing(Invalid):
    """A bot token alone: nothing could be heard from Slack with it."""

    code = "error-slack-secret-missing"


class SlackScopesMissing(Invalid):
    """The app may do less than it needs. Facts: `scopes`, with commas."""

    code = "error-slack-scopes-missing"


class SlackWholeCompany(Invalid):
    """Installed for all workspaces of an Enterprise organisation at once."""

    code = "error-slack-whole-company"


class SlackRotates(WrongSlackToken):
    """A token that ends within hours (token rotation is on) and came without what renews it."""

    code = "error-slack-rotates"
