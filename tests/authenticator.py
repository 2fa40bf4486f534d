"""An authenticator in software, and the browser before it: real keys, real signatures, W3C JSON.

What a browser or a device would never send can be asked for by keyword, to see it refused.
"""

import hashlib
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

SITE = "http://127.0.0.1:8000"
ORIGIN = "http://localhost:8000"
"""Where the tests' site has its passkeys: browsers make none for an IP address."""
PRESENT, VERIFIED, BACKED_UP, WITH_KEY = 0x01, 0x04, 0x18, 0x40


def b64(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One device with one credential. count: None for a device that does not count its uses."""

    algorithm: str = "ES256"
    count: int | None = 0
    verifies: bool = True
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    user_handle: bytes = b""

    def __post_init__(self) -> None:
        make = {
            "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
            "EdDSA": ed25519.Ed25519PrivateKey.generate,
            "RS256": lambda: rsa.generate_private_key(65537, 2048),
        }
        self.key: Any = make[self.algorithm]()

    def create(self, options: dict[str, Any], **unusual: Any) -> dict[str, Any]:
        """What `navigator.credentials.create` resolves to."""
        self.user_handle = unb64(options["user"]["id"])
        excluded = {entry["id"] for entry in options.get("excludeCredentials", [])}
        assert b64(self.credential_id) not in excluded, "the browser would not make it again"
        client_data = self._client_data("webauthn.create", options, unusual)
        known = os.urandom(16) + len(self.credential_id).to_bytes(2) + self.credential_id + cbor2.dumps(self._cose())
        device_data = self._device_data(options["rp"]["id"], unusual, WITH_KEY) + known
        attestation = {"fmt": "none", "attStmt": {}, "authData": device_data}
        response = {
            "clientDataJSON": b64(client_data),
            "attestationObject": b64(cbor2.dumps(attestation)),
            "authenticatorData": b64(device_data),
            "transports": ["internal", "hybrid", "from-the-future"],
        }
        return self._credential(response)

    def get(self, options: dict[str, Any], **unusual: Any) -> dict[str, Any]:
        """What `navigator.credentials.get` resolves to."""
        if self.count is not None:
            self.count += 1
        client_data = self._client_data("webauthn.get", options, unusual)
        device_data = self._device_data(options["rpId"], unusual, 0)
        signed = device_data + hashlib.sha256(client_data).digest()
        response = {
            "clientDataJSON": b64(client_data),
            "authenticatorData": b64(device_data),
            "signature": b64(self._sign(signed)),
        }
        if unusual.get("with_handle", True):
            response["userHandle"] = b64(unusual.get("handle", self.user_handle))
        return self._credential(response)

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        credential_id = b64(self.credential_id)
        return {
            "id": credential_id,
            "rawId": credential_id,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {"credProps": {"rk": True}},
            "response": response,
        }

    def _client_data(self, kind: str, options: dict[str, Any], unusual: dict[str, Any]) -> bytes:
        data = {
            "type": unusual.get("type", kind),
            "challenge": unusual.get("challenge", options["challenge"]),
            "origin": unusual.get("origin", ORIGIN),
            "crossOrigin": False,
        }
        return json.dumps(data).encode()

    def _device_data(self, rp_id: str, unusual: dict[str, Any], flags: int) -> bytes:
        rp_id_hash = hashlib.sha256(unusual.get("rp_id", rp_id).encode()).digest()
        flags |= PRESENT * unusual.get("present", True) | BACKED_UP
        flags |= VERIFIED * unusual.get("verified", self.verifies)
        count = unusual.get("count", self.count or 0)
        return rp_id_hash + bytes([flags]) + count.to_bytes(4)

    def _cose(self) -> dict[int, Any]:
        numbers = self.key.public_key()
        if self.algorithm == "ES256":
            point = numbers.public_numbers()
            return {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        if self.algorithm == "EdDSA":
            return {1: 1, 3: -8, -1: 6, -2: numbers.public_bytes_raw()}
        modulus = numbers.public_numbers().n
        return {1: 3, 3: -257, -1: modulus.to_bytes(256), -2: (65537).to_bytes(3)}

    def _sign(self, content: bytes) -> bytes:
        if self.algorithm == "ES256":
            return self.key.sign(content, ec.ECDSA(SHA256()))
        if self.algorithm == "EdDSA":
            return self.key.sign(content)
        return self.key.sign(content, padding.PKCS1v15(), SHA256())
