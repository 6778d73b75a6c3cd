"""Keys of evidence packs: the installation's private key, the public keys that a reader brings, signatures."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from redress.attest.contents import open_plain_file
from redress.base.errors import ConfigurationProblem
from redress.base.settings import Settings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY_COMMAND = "openssl genpkey -algorithm ed25519 -out signing-key.pem"
LARGEST_KEY_FILE = 100_000
_PUBLIC_PEM = re.compile(rb"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.DOTALL)


def signing_key(settings: Settings) -> Ed25519PrivateKey | None:
    """Return the installation's private key, or None where it has none.

    Raises:
        ConfigurationProblem: the file named by REDRESS_SIGNING_KEY_FILE is no Ed25519 private key.
    """
    if settings.signing_key_file is None:
        return None
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(_read(settings.signing_key_file), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as problem:
        raise ConfigurationProblem(
            f"The signing key {settings.signing_key_file} (REDRESS_SIGNING_KEY_FILE) cannot be read.",
            "whoever keeps the key",
            [f"Expected an Ed25519 private key in PEM without a password, as made by: {KEY_COMMAND}"],
        ) from problem
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigurationProblem(
            f"The signing key {settings.signing_key_file} is of another kind than Ed25519.",
            "whoever keeps the key",
            [f"Make one with: {KEY_COMMAND}"],
        )
    return key


def public_keys(path: Path) -> tuple[bytes, ...]:
    """Return the public keys in a file, each as its 32 bytes; after a change of keys it holds the old and the new.

    Raises:
        ConfigurationProblem: it cannot be read, or holds anything but Ed25519 public keys in PEM.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        text = _read(path)
        keys = [load_pem_public_key(block) for block in _PUBLIC_PEM.findall(text) or [text]]
    except (OSError, ValueError, UnsupportedAlgorithm) as problem:
        raise ConfigurationProblem(
            f"The key {path} cannot be read.",
            "whoever typed the command, or set REDRESS_PUBLIC_KEY_FILE",
            ["Expected a public key in PEM: openssl pkey -in signing-key.pem -pubout"],
        ) from problem
    if not all(isinstance(key, Ed25519PublicKey) for key in keys):
        raise ConfigurationProblem(
            f"The key {path} is of another kind than Ed25519.",
            "whoever typed the command, or set REDRESS_PUBLIC_KEY_FILE",
        )
    return tuple(key.public_bytes_raw() for key in keys)  # type: ignore[union-attr]


def fingerprint(public_key: bytes) -> str:
    """Return the SHA-256 of a public key's 32 bytes, short enough to be read out over a telephone."""
    digest = hashlib.sha256(public_key).hexdigest()[:32]
    return " ".join(digest[place : place + 4] for place in range(0, 32, 4))


def signed(key: Ed25519PrivateKey, text: bytes) -> bytes:
    """Return the signature of a text as the line that is written into a file."""
    return base64.b64encode(key.sign(text)) + b"\n"


def public_half(key: Ed25519PrivateKey) -> str:
    """Return the public half of a private key in base64, as manifests state it."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode("ascii")


def stated_key(text: str) -> bytes | None:
    """Return a public key that a manifest states; None where it is none."""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == 32 else None


def signer(signature: bytes | None, text: bytes, keys: Iterable[bytes]) -> bytes | None:
    """Return the one of some public keys that made a signature over a text; None where none did."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        made = base64.b64decode((signature or b"").removesuffix(b"\n"), validate=True)
    except (binascii.Error, ValueError):
        return None
    if base64.b64encode(made) + b"\n" != signature:  # base64 has room for bits that nobody reads
        return None
    for key in keys:
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(made, text)
            return key
        except (InvalidSignature, ValueError):
            continue
    return None


def _read(path: Path) -> bytes:
    """Return the bytes of a file of keys. Raises OSError for what is no plain file, ValueError for a large one."""
    with open_plain_file(path) as handle:
        text = handle.read(LARGEST_KEY_FILE + 1)
    if len(text) > LARGEST_KEY_FILE:
        raise ValueError("too large for a key")
    return text
