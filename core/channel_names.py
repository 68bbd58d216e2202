"""Names of channels that are no platform's: the owner's own tries, and programs."""

PREVIEW = "preview"
"""The channel in which an owner asks as a customer would: nobody is called from there, and nobody is told."""
PROGRAM = "api"
"""The channel of programs. Whether theirs fetches what people write is not known, so the owner's contact is named."""
