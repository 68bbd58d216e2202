"""What can be wrong with an archive, in words a person may read."""

from core.errors import ProductError


class ArchiveRejected(ProductError):
    """Nothing is made of it. Facts: `reason`, in English, for whoever looks into the file."""

    code = "error-archive-broken"


class ArchiveTooNew(ArchiveRejected):
    """A later version of the product has made it. Facts: `made_by`."""

    code = "error-archive-too-new"


class ArchiveTooLarge(ArchiveRejected):
    """Facts: `limit_mb`."""

    code = "error-archive-too-large"


class ArchiveGone(ProductError):
    """Archives are kept for a day."""

    code = "error-archive-gone"
