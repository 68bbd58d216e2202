"""Why a workspace was not connected by a link, each with the next step in its sentence."""

from core.errors import Conflict, NotFound, ProductError, Refused


class InstallLinkBroken(NotFound):
    """Nobody here has made this link, or not for somebody who may still connect."""

    code = "error-slack-link-broken"


class InstallLinkOld(InstallLinkBroken):
    code = "error-slack-link-old"


class InstallLinkUsed(Conflict):
    """A workspace was connected by it already."""

    code = "error-slack-link-used"


class OtherBrowser(Refused):
    """Begun in one browser and finished in another: perhaps by somebody who was sent here."""

    code = "error-slack-other-browser"


class InstallDenied(Refused):
    """He pressed "Cancel" at Slack, or may not install apps there."""

    code = "error-slack-denied"


class InstallFailed(ProductError):
    """Slack did not hand the workspace over. Facts: `reason`, Slack's word for why."""

    code = "error-slack-install-failed"


class InstallUnknown(NotFound):
    """The installation has no Slack app of its own."""

    code = "error-slack-no-app"
