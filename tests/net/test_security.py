"""Headers, CSRF, CORS, proxies, limits, request ids (spec: api, 2 and 5)."""

import re
from dataclasses import replace

import pytest

THING = {"name": "kettle", "count": 3}


def fault(answer):
    return answer.get_json()["error"]


@pytest.mark.parametrize("path", ["/", "/api/app/health", "/api/nothing", "/nothing", "/api/docs/", "/health"])
def test_every_answer_carries_the_security_headers(client, path):
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    policy = headers["Content-Security-Policy"]
    for rule in ("default-src 'self'", "script-src 'self'", "frame-ancestors 'none'", "object-src 'none'"):
        assert rule in policy
    assert "unsafe-inline" not in policy and "unsafe-eval" not in policy
    assert "Strict-Transport-Security" not in headers


def test_over_https_browsers_are_told_to_stay_there(stores, make_app):
    answer = make_app(replace(stores, cookie_secure=True)).test_client().get("/health")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_style_elements_of_the_site_need_the_nonce_of_their_answer(client):
    def nonce():
        answer = client.get("/")
        policy = answer.headers["Content-Security-Policy"]
        found = re.search(r"style-src 'self' 'nonce-([\w-]{20,})'", policy)
        if found is None:
            assert b"is not built yet" in answer.data
            pytest.fail("the site is not built: `make site`")
        assert b"__CSP_NONCE__" not in answer.data
        assert found.group(1).encode() in answer.data
        return found.group(1)

    assert nonce() != nonce()


# request ids


@pytest.mark.parametrize("given", ["abcdefgh", "0f.A-_9zzz", "x" * 64])
def test_a_good_request_id_is_given_back(client, given):
    assert client.get("/health", headers={"X-Request-Id": given}).headers["X-Request-Id"] == given


@pytest.mark.parametrize("given", ["short", "x" * 65, "with space", "<script>1", ""])
def test_another_request_id_is_replaced(client, given):
    answer = client.get("/health", headers={"X-Request-Id": given})
    assert re.fullmatch(r"[0-9a-f]{24}", answer.headers["X-Request-Id"])


# CSRF


def with_token(client):
    return {"X-CSRF-Token": client.get("/api/probe/token").headers["X-Token"]}


def test_a_write_with_cookies_needs_the_token(probe_client):
    headers = with_token(probe_client)
    refused = probe_client.post("/api/probe/things", json=THING)
    assert (refused.status_code, fault(refused)["code"]) == (403, "csrf_failed")
    assert probe_client.post("/api/probe/things", json=THING, headers=headers).status_code == 201


@pytest.mark.parametrize("method", ["post", "patch", "delete"])
def test_every_unsafe_method_is_guarded(probe_client, method):
    probe_client.set_cookie("login_session", "x.y.z")
    path = "/api/probe/things" if method == "post" else "/api/probe/things/abc"
    assert fault(getattr(probe_client, method)(path, json=THING))["code"] == "csrf_failed"


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
def test_another_token_is_refused(probe_client, token):
    with_token(probe_client)
    answer = probe_client.post(
        "/api/probe/things", json=THING, headers={"X-CSRF-Token": token.encode("latin-1").decode("latin-1")}
    )
    assert fault(answer)["code"] == "csrf_failed"


def test_the_token_of_another_browser_is_refused(probe_app, probe_client):
    with_token(probe_client)
    stolen = with_token(probe_app.test_client())
    assert probe_client.post("/api/probe/things", json=THING, headers=stolen).status_code == 403


def test_a_token_without_its_cookie_is_refused(probe_app, probe_client):
    headers = with_token(probe_app.test_client())
    probe_client.set_cookie("login_session", "x.y.z")
    assert probe_client.post("/api/probe/things", json=THING, headers=headers).status_code == 403


def test_the_seed_is_out_of_reach_for_scripts_and_other_sites(probe_client):
    cookie = probe_client.get("/api/probe/token").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_over_https_the_seed_belongs_to_this_host_alone(stores, make_app):
    client = make_app(replace(stores, cookie_secure=True)).test_client()
    cookie = client.get("/api/probe/token", base_url="https://localhost").headers["Set-Cookie"]
    assert cookie.startswith("__Host-csrf_seed=") and "Secure" in cookie and "Path=/" in cookie


def test_the_token_stays_while_the_browser_keeps_its_cookie(probe_client):
    assert with_token(probe_client) == with_token(probe_client)


def test_bearer_writes_reads_and_doors_with_their_own_signature_need_no_token(probe_client, sign_up):
    probe_client.set_cookie("login_session", "x.y.z")
    assert probe_client.get("/api/probe/things/abc").status_code == 200
    assert probe_client.post("/api/probe/hooks").status_code == 204
    answer = probe_client.post("/api/probe/private", json=THING, headers=sign_up().headers)
    assert answer.status_code == 200


def test_a_made_up_bearer_does_not_open_the_cookie_door(probe_client, sign_up):
    probe_client.set_cookie("login_session", sign_up().cookie)
    answer = probe_client.post("/api/probe/private", json=THING, headers={"Authorization": "Bearer x"})
    assert answer.status_code == 401


def test_login_by_cookie_and_token_works(probe_client, sign_up):
    probe_client.set_cookie("login_session", sign_up().cookie)
    answer = probe_client.post("/api/probe/private", json=THING, headers=with_token(probe_client))
    assert answer.status_code == 200


# CORS and proxies


def test_other_sites_may_only_ask_when_settings_list_them(stores, make_app):
    served = make_app(replace(stores, cors_origins=("https://shop.example",))).test_client()
    known = served.get("/api/app/health", headers={"Origin": "https://shop.example"})
    assert known.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert "X-Request-Id" in known.headers["Access-Control-Expose-Headers"]
    stranger = served.get("/api/app/health", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in stranger.headers
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    asked["Access-Control-Request-Headers"] = "idempotency-key, x-csrf-token"
    before = served.options("/api/probe/things", headers=asked)
    assert before.status_code == 200
    assert "idempotency-key" in before.headers["Access-Control-Allow-Headers"].lower()


def test_without_a_list_no_other_site_may_ask(client):
    answer = client.get("/api/app/health", headers={"Origin": "https://shop.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_forwarded_addresses_count_only_behind_trusted_proxies(stores, make_app):
    limited = {"rate_limit_enabled": True, "rate_limit_visitor_per_minute": 2}
    direct = make_app(replace(stores, **limited)).test_client()
    statuses = [ask_from(direct, f"203.0.113.{number}") for number in range(3)]
    assert statuses == [200, 200, 429]
    behind = make_app(replace(stores, **limited, trusted_proxies=1)).test_client()
    assert [ask_from(behind, f"203.0.113.{number}") for number in range(3)] == [200, 200, 200]
    assert [ask_from(behind, "203.0.113.9") for _ in range(3)] == [200, 200, 429]


def ask_from(client, address):
    return client.get("/api/probe/things/abc", headers={"X-Forwarded-For": address}).status_code


# limits


@pytest.fixture
def limited(stores, make_app):
    settings = replace(stores, rate_limit_enabled=True, rate_limit_visitor_per_minute=3, rate_limit_user_per_minute=5)
    return make_app(settings).test_client()


def test_a_visitor_has_a_quota_and_is_told_when_to_come_back(limited):
    for _ in range(3):
        assert limited.get("/api/probe/things/abc").status_code == 200
    answer = limited.get("/api/probe/things/abc")
    assert (answer.status_code, fault(answer)["code"]) == (429, "rate_limited")
    assert 1 <= int(answer.headers["Retry-After"]) <= 61
    assert limited.get("/").status_code == 200
    assert limited.get("/health").status_code == 200
    assert limited.options("/api/probe/things/abc").status_code == 200


def test_a_user_has_a_larger_quota_of_their_own(limited, sign_up):
    ann, ben = sign_up(), sign_up()
    statuses = [limited.get("/api/probe/things/abc", headers=ann.headers).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    assert limited.get("/api/probe/things/abc", headers=ben.headers).status_code == 200
    assert limited.get("/api/probe/things/abc").status_code == 200


def test_a_door_may_have_a_tighter_limit(limited, sign_up):
    headers = sign_up().headers
    answers = [limited.get("/api/probe/tight", headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [204, 204, 429]
    assert fault(answers[2])["code"] == "rate_limited"
    assert int(answers[2].headers["Retry-After"]) >= 1


def test_limits_can_be_off(probe_client):
    assert {probe_client.get("/api/probe/things/abc").status_code for _ in range(70)} == {200}
