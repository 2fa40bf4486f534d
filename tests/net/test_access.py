"""Every route of the product has an access rule, and the rule holds for each kind of caller."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.models.accounts import BANNED
from app.net.middlewares.access import Access
from app.services import accounts as account_service
from app.services.accounts import NewAccount, SessionStart
from app.utils.ids import new_id

PASSWORD = "correct horse battery"
FLAGS = {
    "student": {},
    "seller": {"is_seller": True},
    "teacher": {"is_teacher": True},
    "admin": {"is_admin": True},
    "superuser": {"is_superuser": True},
    "banned": {"is_superuser": True},
}
RANK_OF_CALLER = {"student": 1, "seller": 1, "teacher": 2, "admin": 3, "superuser": 3}
REFUSALS = (401, 403)


@dataclass(frozen=True)
class Door:
    """One method of one route."""

    method: str
    path: str
    access: Access

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def access_of(app: Flask, rule: Rule) -> Access | None:
    return getattr(app.view_functions[rule.endpoint], "access", None)


def doors(app: Flask) -> list[Door]:
    """Every route and method that is not public, with a made-up id in each place of its path."""
    found = []
    for rule in app.url_map.iter_rules():
        access = access_of(app, rule)
        if access is None or access.kind in ("public", "optional"):
            continue
        path = rule.rule
        for name, converter in rule._converters.items():
            value = "1" if "Integer" in type(converter).__name__ else "x" * 27
            for spelling in (f"<{name}>", f"<string:{name}>", f"<path:{name}>", f"<int:{name}>"):
                path = path.replace(spelling, value)
        found += [Door(method, path, access) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    return found


@pytest.fixture(scope="module")
def bearers(app, settings):
    """An access token maker for each kind of caller."""

    def sign_up(kind: str) -> dict[str, str]:
        now = datetime.now(UTC).replace(microsecond=0)
        account = NewAccount(f"{kind}-{new_id()}@example.com", PASSWORD)
        start = SessionStart("mobile")
        signed_in = account_service.sign_up(account, start, now=now, settings=settings)
        changes = dict(FLAGS[kind])
        if kind == "banned":
            changes["status"] = BANNED
        if changes:
            signed_in.user.update(**changes)
        return {"Authorization": f"Bearer {signed_in.access_token}"}

    return sign_up


def call(app, door: Door, headers: dict[str, str]):
    answer = app.test_client().open(door.path, method=door.method, headers=headers)
    code = (answer.get_json(silent=True) or {}).get("error", {}).get("code")
    return answer.status_code, code


def test_every_route_has_an_access_rule(app):
    without = [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint != "static" and not access_of(app, rule)]
    assert without == []


def test_every_permission_asked_for_is_listed(app):
    asked = {door.access.name for door in doors(app) if door.access.kind == "permission"}
    assert asked <= set(account_service.PERMISSIONS)


def test_there_are_doors_to_try(app):
    tried = {str(door) for door in doors(app)}
    assert {"GET /api/auth/me", "POST /api/auth/logout", f"DELETE /api/auth/sessions/{'x' * 27}"} <= tried


def test_anonymous_callers_are_told_to_log_in(app):
    wrong = {str(door): got for door in doors(app) if (got := call(app, door, {})) != (401, "unauthenticated")}
    assert wrong == {}


def test_a_made_up_token_opens_nothing(app):
    headers = {"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."}
    wrong = {str(door): got for door in doors(app) if (got := call(app, door, headers)) != (401, "unauthenticated")}
    assert wrong == {}


def test_a_banned_superuser_is_refused_everywhere(app, bearers):
    headers = bearers("banned")
    wrong = {str(door): got for door in doors(app) if (got := call(app, door, headers)) != (403, "user_inactive")}
    assert wrong == {}


@pytest.mark.parametrize("kind", ["student", "seller", "teacher", "admin", "superuser"])
def test_each_kind_of_caller_passes_exactly_the_doors_of_its_rights(app, bearers, kind):
    wrong = {}
    headers = bearers(kind)
    for door in doors(app):
        if door.path.startswith("/api/auth/"):  # some of these end the session that opened them
            headers = bearers(kind)
        status, code = call(app, door, headers)
        is_refused = status in REFUSALS and code in ("forbidden", "unauthenticated", "user_inactive", "session_ended")
        if is_refused == may_pass(kind, door.access):
            wrong[str(door)] = (status, code, str(door.access))
    assert wrong == {}


def may_pass(kind: str, access: Access) -> bool:
    """What common/permissions.json and the ranks promise, spelled apart from the code under test."""
    if access.kind == "rank":
        return RANK_OF_CALLER[kind] >= {"student": 1, "teacher": 2, "admin": 3}[access.name]
    if access.kind == "permission":
        holders = account_service.PERMISSIONS[access.name]["holders"]
        return kind == "superuser" or kind in holders or "student" in holders
    return True
