"""What rights say, without any store (spec: accounts, 5; school, 12)."""

import pytest

from app.models import User
from app.services.accounts import PERMISSIONS, Forbidden, Rights, ensure_may, permissions_of
from app.services.accounts.rights import PLATFORM, PLATFORM_CODES, TENANT_CODES, Place
from app.utils.errors import NotFound

OWN, OTHER = Place("store", "own", "ann"), Place("store", "other", "bob")
SCHOOL_OF_THE_SAME_ID = Place("school", "own", "bob")
ITEM, SALE, ROLE, IMPORT = "catalog.item.write", "orders.sale.read", "stores.role.write", "catalog.import"
CLERK = Rights("cat", tenants={"store:own": frozenset({SALE})})


def test_each_permission_says_where_it_is_held():
    for code, rule in PERMISSIONS.items():
        assert rule["scope"] in ("platform", "tenant"), code
        assert rule["description"], code
        assert set(rule) == {"scope", "holders", "description"} | (
            {"everywhere"} if rule["scope"] == "tenant" else set()
        )
    assert {PERMISSIONS[code]["everywhere"] for code in TENANT_CODES} <= PLATFORM_CODES


@pytest.mark.parametrize(
    ("rights", "code", "tenant", "may"),
    [
        (Rights("ann"), ITEM, OWN, True),
        (Rights("ann"), ROLE, OWN, True),
        (Rights("ann"), ITEM, OTHER, False),
        (Rights("ann"), ITEM, SCHOOL_OF_THE_SAME_ID, False),
        (Rights("ann"), ITEM, None, False),
        (Rights(""), ITEM, Place("store", "nobodys"), False),
        (Rights("dan", frozenset({ITEM})), ITEM, None, True),
        (Rights("dan", frozenset({ITEM})), ITEM, OWN, False),
        (CLERK, SALE, OWN, True),
        (CLERK, SALE, None, True),
        (CLERK, SALE, OTHER, False),
        (CLERK, SALE, SCHOOL_OF_THE_SAME_ID, False),
        (CLERK, ITEM, OWN, False),
        (CLERK, SALE, PLATFORM, False),
        (Rights("eve", frozenset({"orders.order.manage"})), SALE, OTHER, True),
        (Rights("eve", frozenset({"orders.order.manage"})), ITEM, OTHER, False),
        (Rights("eve", frozenset({"catalog.item.manage"})), IMPORT, OTHER, True),
        (Rights("eve", frozenset({"users.role.write"})), ROLE, OTHER, True),
        (Rights("eve", frozenset({"users.log.read"})), "users.log.read", PLATFORM, True),
        (Rights("eve", frozenset({"users.log.read"})), "users.log.read", OTHER, False),
        (Rights("ann"), "users.log.read", OWN, False),
    ],
)
def test_a_right_holds_where_it_was_given(rights, code, tenant, may):
    assert rights.may(code, tenant) is may


def test_what_is_anothers_is_not_there_and_what_is_missing_is_forbidden():
    ensure_may(CLERK, SALE, OWN)
    with pytest.raises(Forbidden) as refusal:
        ensure_may(CLERK, ITEM, OWN)
    assert refusal.value.details == {"permission": ITEM}
    with pytest.raises(NotFound) as unknown:
        ensure_may(CLERK, SALE, OTHER, what="product")
    assert unknown.value.message == "There is no such product."
    with pytest.raises(Forbidden):
        ensure_may(CLERK, "users.log.read")


@pytest.mark.parametrize(
    ("flags", "held", "lacked"),
    [
        ({}, set(), {ITEM, "users.user.read"}),
        ({"is_seller": True}, {ITEM, "stores.store.write"}, {"catalog.item.manage"}),
        ({"is_teacher": True}, {ITEM}, {"stores.store.write"}),
        ({"is_admin": True}, {"users.role.write", "users.log.read", "users.user.act_as"}, {"system.settings.write"}),
        ({"is_superuser": True}, set(PERMISSIONS), set()),
    ],
)
def test_flags_hold_what_the_catalogue_says(flags, held, lacked):
    codes = permissions_of(User(username="x", email="x@example.com", **flags))
    assert held <= codes and not lacked & codes


def test_a_person_is_listed_where_a_role_has_the_code():
    rights = Rights("cat", tenants={"store:a": frozenset({SALE}), "school:b": frozenset({SALE, ITEM})})
    assert sorted(rights.tenants_with(SALE)) == [("school", "b"), ("store", "a")]
    assert rights.tenants_with(ITEM) == [("school", "b")]
