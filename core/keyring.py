"""Keys of this installation: made once, kept in a file that only its owner reads, never in the database.

One master key; what is needed for a purpose is derived from it (HKDF, RFC 5869), so that a key of one purpose
reveals nothing about another. Losing the file means losing the secrets of all channels: back it up.
"""

import base64
import hashlib
import json
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import ProductError


class WrongMasterKey(ProductError):
    """A stored secret was encrypted with another key: the key file was replaced or lost."""

    code = "error-wrong-master-key"


class Keyring:
    def __init__(self, master: bytes) -> None:
        self._master = master
        self._fernet = Fernet(base64.urlsafe_b64encode(self.derive("secrets at rest")))

    @classmethod
    def open(cls, folder: Path) -> "Keyring":
        """Read the master key; create it on the very first start (mode 0600, written once, atomically)."""
        file = folder / "master.key"
        if not file.exists():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = folder / f".master.key.{os.getpid()}"
            draft.touch(mode=0o600)
            draft.write_bytes(base64.urlsafe_b64encode(secrets.token_bytes(32)))
            try:
                os.link(draft, file)  # fails when another process was first: then its key is the key
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return cls(base64.urlsafe_b64decode(file.read_bytes()))

    def derive(self, purpose: str) -> bytes:
        """32 bytes for one purpose."""
        return HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(self._master)

    def seal(self, values: dict[str, str]) -> str:
        """Encrypt a small record for the database."""
        return self._fernet.encrypt(json.dumps(values).encode()).decode()

    def unseal(self, sealed: str) -> dict[str, str]:
        """The reverse of `seal`. Raises `WrongMasterKey`."""
        try:
            record: dict[str, str] = json.loads(self._fernet.decrypt(sealed.encode()))
        except InvalidToken as error:
            raise WrongMasterKey from error
        return record


def hash_token(token: str) -> str:
    """How a random token (API key, refresh token) is stored: it has 256 bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
