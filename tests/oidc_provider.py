"""An OpenID provider on a real socket: discovery, login, tokens with PKCE, keys that rotate, userinfo.

It logs in whoever `person` says, without asking. Attributes make it misbehave.
"""

import hashlib
import json
import secrets
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote_plus, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

CLIENT_ID, CLIENT_SECRET = "market", "s3cret & more"


class _Anything(JWSRegistry):
    max_header_length = 16 * 1024

    def __init__(self) -> None:
        super().__init__(algorithms=["ES256", "RS256"], strict_check_header=False)


class Provider:
    """One provider with one client. forge: makes the ID token out of the true claims, in place of `sign`."""

    def __init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self.server.daemon_threads = True
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.person: dict[str, Any] = {"sub": secrets.token_hex(8), "email": "", "email_verified": True}
        self.keys = [self.new_key()]
        self.published = list(self.keys)
        self.grants: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.claims: dict[str, Any] = {}
        self.told_at_userinfo: dict[str, Any] | None = None
        self.forge: Any = None
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.description: dict[str, Any] = {}
        self.hangs_at = ""
        self._release = threading.Event()
        threading.Thread(target=self.server.serve_forever, name="oidc-provider", daemon=True).start()

    def close(self) -> None:
        self._release.set()
        self.server.shutdown()
        self.server.server_close()

    @staticmethod
    def new_key(kind: str = "RSA") -> Any:
        make = RSAKey if kind == "RSA" else ECKey
        return make.generate_key(2048 if kind == "RSA" else "P-256", {"kid": secrets.token_hex(4), "use": "sig"})

    def rotate(self, kind: str = "RSA") -> None:
        """Sign with a new key; the old one is not published any more."""
        self.keys = [self.new_key(kind)]
        self.published = list(self.keys)

    def setting(self, name: str = "local", **more: Any) -> dict[str, Any]:
        """The provider as OIDC_PROVIDERS names it."""
        known = {"label": "Local", "issuer": self.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        return {"name": name, **known, **more}

    def log_in(self, address: str) -> dict[str, str]:
        """Go where the site sends a browser; what it comes back with."""
        answer = httpx.get(address, follow_redirects=False)
        assert answer.status_code == 302, answer.text
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query, keep_blank_values=True))

    # what the endpoints do

    def describe(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
            **self.description,
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """The address the browser is sent back to."""
        assert asked["response_type"] == "code" and asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256" and "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.grants[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        given = b64decode(authorization.removeprefix("Basic ")).decode() if authorization else ""
        known = [unquote_plus(part) for part in given.split(":", 1)] if given else []
        if known != [CLIENT_ID, CLIENT_SECRET] and form.get("client_secret") != CLIENT_SECRET:
            return 401, {"error": "invalid_client"}
        grant = self.grants.pop(form.get("code", ""), None)
        challenge = urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            grant is None
            or grant["code_challenge"] != challenge.decode().rstrip("=")
            or grant["redirect_uri"] != form["redirect_uri"]
        ):
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "at-1", "token_type": "Bearer", "id_token": self.id_token(grant)}

    def id_token(self, grant: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "nonce": grant["nonce"],
            "iat": now,
            "exp": now + 300,
            **({"auth_time": now} if "max_age" in grant else {}),
            **self.person,
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return self.forge(claims) if self.forge else self.sign(claims)

    def sign(self, claims: dict[str, Any], key: Any = None, **header: Any) -> str:
        key = key or self.keys[0]
        algorithm = "ES256" if isinstance(key, ECKey) else "RS256"
        return jwt.encode({"alg": algorithm, "kid": key.kid, **header}, claims, key, registry=_Anything())

    def answer(self, method: str, path: str, query: dict[str, str], headers: Any, body: bytes) -> Any:
        self.asked.append(path)
        if path == self.hangs_at:
            self._release.wait(30)
        if path in self.answers:
            return self.answers[path]
        if path == "/.well-known/openid-configuration":
            return 200, self.describe()
        if path == "/keys":
            return 200, {"keys": [key.as_dict(private=False) for key in self.published]}
        if path == "/authorize":
            return 302, self.authorize(query)
        if path == "/token" and method == "POST":
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            return self.exchange(form, headers.get("Authorization", ""))
        if path == "/userinfo" and headers.get("Authorization") == "Bearer at-1":
            return 200, self.told_at_userinfo if self.told_at_userinfo is not None else self.person
        return 404, {"error": "not_found"}


def _handler_of(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, content = provider.answer(
                self.command, parts.path, dict(parse_qsl(parts.query)), self.headers, body
            )
            self.send_response(status)
            if status == 302:
                self.send_header("Location", content)
                content = b""
            elif not isinstance(content, bytes):
                content = json.dumps(content).encode()
                self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Nothing is printed."""

    return Handler
