"""Signatures of an issuer's tokens, by `cryptography`: RSA (PKCS #1 v1.5) and elliptic curves.

Imported where somebody signs in alone: a server without single sign-on needs no such package.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm

SMALLEST_BITS = 2048
RSA: Mapping[str, HashAlgorithm] = {"RS256": SHA256(), "RS384": SHA384(), "RS512": SHA512()}
CURVES: Mapping[str, tuple[str, ec.EllipticCurve, HashAlgorithm]] = {
    "ES256": ("P-256", ec.SECP256R1(), SHA256()),
    "ES384": ("P-384", ec.SECP384R1(), SHA384()),
}
"""Algorithm -> its curve by RFC 7518, 6.2.1.1, and its hash."""


def verified(key: Mapping[str, Any], algorithm: str, signed: bytes, signature: bytes) -> bool:
    """Whether a key, as a JSON Web Key (RFC 7517), signed it."""
    try:
        if algorithm in RSA and key.get("kty") == "RSA":
            _check_rsa(key, RSA[algorithm], signed, signature)
        elif algorithm in CURVES and key.get("kty") == "EC":
            _check_curve(key, algorithm, signed, signature)
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True


def _check_rsa(
    key: Mapping[str, Any], hashed: HashAlgorithm, signed: bytes, signature: bytes
) -> None:
    public = rsa.RSAPublicNumbers(_number(key, "e"), _number(key, "n")).public_key()
    if public.key_size < SMALLEST_BITS:
        raise ValueError("too short to be believed")
    public.verify(signature, signed, padding.PKCS1v15(), hashed)


def _check_curve(key: Mapping[str, Any], algorithm: str, signed: bytes, signature: bytes) -> None:
    name, curve, hashed = CURVES[algorithm]
    size = (curve.key_size + 7) // 8
    if key.get("crv") != name or len(signature) != 2 * size:
        raise ValueError("of another curve")
    public = ec.EllipticCurvePublicNumbers(_number(key, "x"), _number(key, "y"), curve).public_key()
    pair = (int.from_bytes(signature[:size]), int.from_bytes(signature[size:]))
    public.verify(encode_dss_signature(*pair), signed, ec.ECDSA(hashed))


def _number(key: Mapping[str, Any], name: str) -> int:
    text = str(key.get(name, ""))
    return int.from_bytes(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
