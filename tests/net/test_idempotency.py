"""`Idempotency-Key`: one execution a key (spec: api, 2; design 4)."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.services import idempotency
from app.services.idempotency import Answer, IdempotencyMismatch, InProgress
from app.utils.ids import new_id
from tests.net import probe
from tests.times import at

THING = {"name": "kettle", "count": 3}
NOW = at("2026-01-31T12:00:00")


def post(client, key, body=None, path="/api/probe/things", **headers):
    return client.post(path, json=body or THING, headers={"Idempotency-Key": key, **headers})


def code(answer):
    return answer.get_json()["error"]["code"]


def test_the_same_key_and_body_give_the_first_answer_again(probe_client):
    key = new_id()
    first, second = post(probe_client, key), post(probe_client, key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.data == second.data
    assert first.headers["Location"] == second.headers["Location"]
    assert second.headers["Idempotent-Replayed"] == "true" and "Idempotent-Replayed" not in first.headers
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]
    assert probe.executions == ["kettle"]


def test_without_a_key_everything_runs(probe_client):
    assert [probe_client.post("/api/probe/things", json=THING).status_code for _ in range(2)] == [201, 201]
    assert len(probe.executions) == 2


def test_the_same_key_with_another_body_is_refused(probe_client):
    key = new_id()
    post(probe_client, key)
    answer = post(probe_client, key, THING | {"count": 4})
    assert (answer.status_code, code(answer)) == (422, "idempotency_mismatch")
    assert probe.executions == ["kettle"]


@pytest.mark.parametrize(
    ("key", "status"), [("k", 201), ("k" * 64, 201), ("k" * 65, 422), ("", 422), ("a b", 422), ("é", 422)]
)
def test_a_key_has_1_to_64_visible_characters(probe_client, key, status):
    if status == 201:
        key = (new_id() + key)[-len(key) :] if len(key) > 1 else "!"
    answer = post(probe_client, key)
    assert answer.status_code == status
    if status == 422:
        assert list(answer.get_json()["error"]["fields"]) == ["Idempotency-Key"]


def test_a_key_belongs_to_its_user_and_path(probe_client, sign_up):
    key, ann, ben = new_id(), sign_up(), sign_up()
    answers = [post(probe_client, key, path="/api/probe/private", **who.headers) for who in (ann, ben, ann)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert answers[0].data == answers[2].data != answers[1].data
    assert post(probe_client, key, **ann.headers).status_code == 201
    assert len(probe.executions) == 3


def test_a_key_of_somebody_without_a_login_is_not_claimed(probe_client, sign_up):
    key = new_id()
    assert post(probe_client, key, path="/api/probe/private").status_code == 401
    assert post(probe_client, key, path="/api/probe/private", **sign_up().headers).status_code == 200


def test_a_malformed_body_leaves_the_key_free(probe_client):
    key = new_id()
    assert post(probe_client, key, {"name": ""}).status_code == 422
    assert post(probe_client, key).status_code == 201


@pytest.mark.parametrize(("name", "status"), [("lost", 409), ("search", 503), ("crash", 500)])
def test_a_passing_refusal_or_fault_is_not_kept(probe_client, name, status):
    key, body = new_id(), {"name": name, "count": 1}
    assert [post(probe_client, key, body).status_code for _ in range(2)] == [status, status]
    assert probe.executions == [name, name]


def test_a_file_sent_again_is_the_same_request(probe_client):
    key = new_id()

    def send(content):
        form = {"title": "photo", "file": (io.BytesIO(content), "photo.jpg")}
        return probe_client.post("/api/probe/uploads", data=form, headers={"Idempotency-Key": key})

    first, second, other = send(b"a" * 2_000_000), send(b"a" * 2_000_000), send(b"b")
    assert first.get_json()["data"]["count"] == 2_000_000
    assert first.data == second.data
    assert (other.status_code, code(other)) == (422, "idempotency_mismatch")
    assert probe.executions == ["photo"]


def test_while_the_first_runs_the_second_is_told_to_wait(probe_app, probe_client):
    key = new_id()
    probe.go_on.clear()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(post, probe_app.test_client(), key)
        assert probe.executing.wait(30)
        second = post(probe_client, key)
        other = post(probe_client, key, THING | {"count": 5})
        probe.go_on.set()
        assert first.result().status_code == 201
    assert (second.status_code, code(second)) == (409, "in_progress")
    assert second.headers["Retry-After"] == "1"
    assert code(other) == "idempotency_mismatch"
    assert post(probe_client, key).status_code == 201
    assert probe.executions == ["kettle"]


def test_twenty_at_once_run_once(probe_app, probe_client):
    key = new_id()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: post(probe_app.test_client(), key), range(20)))
    assert probe.executions == ["kettle"]
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert all(code(answer) == "in_progress" for answer in answers if answer.status_code == 409)
    made = {answer.get_json()["data"]["id"] for answer in answers if answer.status_code == 201}
    assert len(made) == 1


@pytest.mark.usefixtures("stores")
class TestClaims:
    """The rule itself, with the clock in hand."""

    def claim(self, scope, now=NOW, fingerprint="f"):
        return idempotency.claim(scope, fingerprint, now=now)

    def test_a_claim_of_a_crashed_process_is_taken_over_after_a_minute(self):
        scope = new_id()
        first = self.claim(scope)
        with pytest.raises(InProgress):
            self.claim(scope, NOW + timedelta(seconds=59.999))
        second = self.claim(scope, NOW + timedelta(seconds=60))
        assert second.answer is None
        assert not idempotency.finish(first, Answer(201, b"late"))
        assert idempotency.finish(second, Answer(201, b"made", {"Location": "/x"}))
        kept = self.claim(scope, NOW + timedelta(seconds=61)).answer
        assert (kept.status, kept.content, kept.headers) == (201, b"made", {"Location": "/x"})

    def test_one_of_many_takes_an_old_claim_over(self):
        scope = new_id()
        self.claim(scope)

        def take(_):
            try:
                return self.claim(scope, NOW + timedelta(seconds=60))
            except InProgress:
                return None

        with ThreadPoolExecutor(10) as pool:
            taken = [claimed for claimed in pool.map(take, range(10)) if claimed]
        assert len(taken) == 1

    def test_an_answer_is_kept_for_24_hours(self):
        scope = new_id()
        idempotency.finish(self.claim(scope), Answer(200, b"made"))
        assert self.claim(scope, NOW + timedelta(hours=24, milliseconds=-1)).answer.content == b"made"
        with pytest.raises(IdempotencyMismatch):
            self.claim(scope, NOW + timedelta(hours=23), fingerprint="other")
        assert self.claim(scope, NOW + timedelta(hours=24), fingerprint="other").answer is None

    @pytest.mark.parametrize("status", [401, 403, 409, 429, 500, 503])
    def test_a_status_that_may_pass_frees_the_key(self, status):
        scope = new_id()
        assert idempotency.finish(self.claim(scope), Answer(status, b""))
        assert self.claim(scope).answer is None

    @pytest.mark.parametrize("status", [200, 201, 204, 402, 404, 422])
    def test_every_other_status_is_kept(self, status):
        scope = new_id()
        idempotency.finish(self.claim(scope), Answer(status, b""))
        assert self.claim(scope).answer.status == status

    def test_scopes_tell_client_method_path_and_key_apart(self):
        parts = ["user:1", "POST", "/api/orders", "key"]
        scopes = {idempotency.scope_of(*parts)}
        for place in range(4):
            changed = parts.copy()
            changed[place] += "x"
            scopes.add(idempotency.scope_of(*changed))
        assert len(scopes) == 5
