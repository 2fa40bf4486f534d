"""A keep-alive HTTP/1.1 client on a bare socket, so that the driver costs little beside what it measures."""

import json
import socket
from dataclasses import dataclass, field
from urllib.parse import urlencode


class UnexpectedAnswer(Exception):
    """A server answered with a status that the flow does not expect."""


@dataclass(frozen=True)
class Answer:
    """Status, header fields by lower-case name (the last one wins, cookies apart) and the body."""

    status: int
    headers: dict[str, str]
    cookies: dict[str, str]
    body: bytes

    def json(self) -> dict:
        return json.loads(self.body)


@dataclass
class Client:
    """One connection to one server with its cookie jar; not for several threads at once."""

    host: str
    port: int
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    timeout_seconds: float = 60.0
    _socket: socket.socket | None = None
    _rest: bytes = b""

    def get(self, path: str, expect: tuple[int, ...] = (200,)) -> Answer:
        return self.request("GET", path, expect=expect)

    def post_form(self, path: str, values: dict[str, object], expect: tuple[int, ...] = (200, 302)) -> Answer:
        body = urlencode(values).encode()
        return self.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"}, expect)

    def post_json(
        self, path: str, value: object, expect: tuple[int, ...] = (200, 201), headers: dict[str, str] | None = None
    ) -> Answer:
        body = json.dumps(value).encode()
        return self.request("POST", path, body, {"Content-Type": "application/json", **(headers or {})}, expect)

    def request(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        expect: tuple[int, ...] = (200,),
    ) -> Answer:
        """Send one request and read its answer, reconnecting once when a kept connection was closed meanwhile.

        Raises UnexpectedAnswer when the status is none of `expect`.
        """
        message = self._message(method, path, body, headers or {})
        fresh = self._socket is None
        try:
            answer = self._exchange(message)
        except (ConnectionError, BrokenPipeError):
            if fresh:
                raise
            self.close()
            answer = self._exchange(message)
        self.cookies.update(answer.cookies)
        if answer.headers.get("connection", "").lower() == "close":
            self.close()
        if answer.status not in expect:
            text = answer.body[:400].decode("utf-8", "replace")
            raise UnexpectedAnswer(f"{method} {path}: {answer.status} {text}")
        return answer

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket, self._rest = None, b""

    def _message(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}:{self.port}"]
        lines += [f"{name}: {value}" for name, value in {**self.headers, **headers}.items()]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if body or method != "GET":
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    def _exchange(self, message: bytes) -> Answer:
        if self._socket is None:
            self._socket = socket.create_connection((self.host, self.port), self.timeout_seconds)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(message)
        return self._read()

    def _read(self) -> Answer:
        while b"\r\n\r\n" not in self._rest:
            self._receive()
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        cookies: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            if name.lower() == "set-cookie":
                key, _, text = value.strip().partition(";")[0].partition("=")
                cookies[key] = text
            else:
                headers[name.lower()] = value.strip()
        status = int(first.split(" ", 2)[1])
        return Answer(status, headers, cookies, self._body(status, headers))

    def _body(self, status: int, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return self._chunks()
        length = 0 if status in (204, 304) else int(headers.get("content-length", "0"))
        return self._take(length)

    def _chunks(self) -> bytes:
        parts = []
        while True:
            while b"\r\n" not in self._rest:
                self._receive()
            size_text, _, self._rest = self._rest.partition(b"\r\n")
            size = int(size_text.split(b";")[0], 16)
            parts.append(self._take(size))
            self._take(2)
            if size == 0:
                return b"".join(parts)

    def _take(self, length: int) -> bytes:
        while len(self._rest) < length:
            self._receive()
        taken, self._rest = self._rest[:length], self._rest[length:]
        return taken

    def _receive(self) -> None:
        assert self._socket is not None
        piece = self._socket.recv(65536)
        if not piece:
            raise ConnectionResetError("the server closed the connection")
        self._rest += piece
