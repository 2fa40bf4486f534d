"""V4: messages, and the sockets beside them."""

from dataclasses import replace

import pytest
from gunicorn.config import Config
from gunicorn.http.errors import InvalidHeader, UnsupportedTransferCoding
from gunicorn.http.parser import RequestParser

HANDSHAKE = "/socket.io/?EIO=4&transport=polling"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/nothing", "text/html; charset=utf-8"),
        ("/api/app/health", "application/json"),
        ("/api/nothing", "application/json"),
        ("/api/openapi.json", "application/json"),
    ],
)
def test_v4_1_1_an_answer_says_what_it_is(client, path, kind):
    assert client.get(path).headers["Content-Type"] == kind


def test_v4_1_2_the_api_sends_nobody_from_http_to_https(secure_app):
    client = secure_app.test_client()
    assert client.get("/api/auth/csrf", base_url="http://localhost").status_code == 200
    answer = client.post("/api/auth/login", json={"email": "a@b.c", "password": "x"}, base_url="http://localhost")
    assert answer.status_code in (401, 403)


def test_v4_1_3_what_proxies_say_is_not_believed_from_clients(stores, make_app):
    limited = {"rate_limit_enabled": True, "rate_limit_visitor_per_minute": 2}
    direct = make_app(replace(stores, **limited)).test_client()
    sent = [{"X-Forwarded-For": f"203.0.113.{number}", "X-Real-IP": "1.2.3.4"} for number in range(3)]
    assert [direct.get("/api/probe/things/abc", headers=each).status_code for each in sent] == [200, 200, 429]


@pytest.mark.parametrize("hops", [0, 1])
def test_v4_1_3_a_path_prefix_is_not_believed_from_anybody(stores, make_app, hops):
    client = make_app(replace(stores, trusted_proxies=hops)).test_client()
    answer = client.get("/admin", headers={"X-Forwarded-Prefix": "//evil.example"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin-panel/")


@pytest.mark.parametrize(
    ("headers", "refusal"),
    [
        (b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", InvalidHeader),
        (b"Content-Length: 5\r\nContent-Length: 6\r\n", InvalidHeader),
        (b"Transfer-Encoding: xchunked\r\n", UnsupportedTransferCoding),
    ],
)
def test_v4_2_1_a_message_with_two_ends_is_refused(headers, refusal):
    raw = b"POST / HTTP/1.1\r\nHost: a\r\n" + headers + b"\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n"
    with pytest.raises(refusal):
        next(RequestParser(Config(), iter([raw]), ("127.0.0.1", 1)))


def test_v4_4_2_sockets_open_for_pages_of_this_site_only(client):
    assert client.get(HANDSHAKE, headers={"Origin": "https://evil.example"}).status_code == 400
    assert client.get(HANDSHAKE, headers={"Origin": "http://localhost"}).status_code == 200
