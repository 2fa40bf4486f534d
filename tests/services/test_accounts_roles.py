"""Custom roles against the real store: what they open, who gives them, and what races leave behind."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.models import AdminLog, Role, RoleGrant, User
from app.services import accounts as account_service
from app.services.accounts import Forbidden, SessionEnded, TokenInvalid, grants, invitations, one_time, roles
from app.services.accounts.rights import PLATFORM, TENANT_CODES, Place
from app.services.accounts.roles import RoleBuiltIn, RoleDraft, RoleInUse, TooManyRoles
from app.services.accounts.sessions import look_again
from app.services.audit import Actor
from app.utils.clock import utc_now
from app.utils.errors import ConcurrentChange, InvalidValue, NotFound
from app.utils.ids import new_id
from tests.factories import (
    authority,
    give_role,
    log_in,
    make_platform_role,
    make_role,
    make_school,
    make_store,
    make_user,
    owner_of,
)

pytestmark = pytest.mark.usefixtures("app")
ITEM, SALE, ROLE, IMPORT = "catalog.item.write", "orders.sale.read", "stores.role.write", "catalog.import"


def rights(user):
    return account_service.rights_of(User.find(user.id))


@pytest.fixture
def user(settings):
    return make_user(settings)


def entries_about(user_id, refresh_index):
    refresh_index()
    return [entry["action"] for entry in AdminLog.elastic("subject_id", user_id).sort("at", "asc").documents()]


# what a role opens


def test_a_role_opens_exactly_its_permissions_on_exactly_its_tenant(user):
    store, other, school = make_store(), make_store(), make_school()
    give_role(make_role(store, SALE, IMPORT), user)
    held = rights(user)
    assert {code for code in TENANT_CODES if held.may(code, store)} == {SALE, IMPORT}
    for tenant in (other, school, Place("school", store.id)):
        assert not any(held.may(code, tenant) for code in TENANT_CODES)
    assert held.platform == frozenset()


def test_several_roles_add_up(user):
    store, platform = make_store(), make_platform_role("users.log.read")
    for role in (make_role(store, SALE), make_role(store, ITEM), platform):
        give_role(role, user)
    held = rights(user)
    assert held.codes_on(store) == {SALE, ITEM}
    assert held.platform == {"users.log.read"}
    assert len(User.find(user.id).roles) == 3


def test_a_changed_role_changes_what_its_holders_may_at_once(user, settings):
    store = make_store()
    role = make_role(store, SALE)
    give_role(role, user)
    signed_in = log_in(user, settings)
    identity = account_service.authenticate_cookie(signed_in.cookie, now=utc_now())
    assert identity.may(SALE, store)
    draft = RoleDraft("Shelf desk", frozenset({ITEM}))
    roles.change_role(store, role.id, draft, owner_of(store), now=utc_now())
    assert rights(user).codes_on(store) == {ITEM}
    with pytest.raises(SessionEnded):
        look_again(identity, now=utc_now())


def test_a_new_name_alone_ends_no_login(user, settings):
    store = make_store()
    role = make_role(store, SALE)
    give_role(role, user)
    signed_in = log_in(user, settings)
    draft = RoleDraft("Another name", frozenset({SALE}))
    assert roles.change_role(store, role.id, draft, owner_of(store), now=utc_now()).name == "Another name"
    assert account_service.authenticate_cookie(signed_in.cookie, now=utc_now()).id == user.id


def test_a_grant_without_its_role_or_a_pointer_without_its_grant_gives_nothing(user):
    store = make_store()
    role = make_role(store, SALE)
    give_role(role, user)
    RoleGrant.find("store", store.id, user.id, role.id).delete_if_unchanged()
    assert f"store:{store.id}:{role.id}" in User.find(user.id).roles
    assert rights(user).codes_on(store) == frozenset()
    give_role(role, user)
    assert rights(user).codes_on(store) == {SALE}
    Role.find("store", store.id, role.id).delete_if_unchanged()
    assert rights(user).codes_on(store) == frozenset()
    assert grants.members_of(store) == []


# giving and taking


def test_a_grant_and_its_end_are_in_the_log_and_end_logins(user, settings, refresh_index):
    store = make_store()
    role, by = make_role(store, SALE), owner_of(store)
    signed_in = log_in(user, settings)
    grants.grant(store, role.id, user.id, by, now=utc_now())
    with pytest.raises(SessionEnded):
        account_service.authenticate_cookie(signed_in.cookie, now=utc_now())
    again = log_in(user, settings)
    grants.grant(store, role.id, user.id, by, now=utc_now())
    assert account_service.authenticate_cookie(again.cookie, now=utc_now()).may(SALE, store)
    grants.revoke(store, role.id, user.id, by, now=utc_now())
    with pytest.raises(SessionEnded):
        account_service.authenticate_cookie(again.cookie, now=utc_now())
    assert rights(user).codes_on(store) == frozenset() and not User.find(user.id).roles
    with pytest.raises(NotFound):
        grants.revoke(store, role.id, user.id, by, now=utc_now())
    assert entries_about(user.id, refresh_index) == ["users.role.grant", "users.role.revoke"]


def test_nobody_gives_changes_or_takes_more_than_they_hold(user, settings):
    store, manager = make_store(), make_user(settings)
    strong, weak = make_role(store, SALE, ITEM), make_role(store, SALE)
    give_role(make_role(store, ROLE, SALE), manager)
    by, now = authority(manager), utc_now()
    grants.grant(store, weak.id, user.id, by, now=now)
    for refused in (
        lambda: grants.grant(store, strong.id, user.id, by, now=now),
        lambda: roles.create_role(store, RoleDraft("x", frozenset({ITEM})), by, now=now),
        lambda: roles.change_role(store, weak.id, RoleDraft("x", frozenset({SALE, ITEM})), by, now=now),
        lambda: roles.change_role(store, strong.id, RoleDraft("x", frozenset({SALE})), by, now=now),
        lambda: grants.delete_role(store, strong.id, by, now=now),
        lambda: invitations.invite(store, strong.id, user.email, by, now=now),
    ):
        with pytest.raises(Forbidden) as refusal:
            refused()
        assert refusal.value.details == {"lacking": [ITEM]}
    give_role(strong, user)
    with pytest.raises(Forbidden):
        grants.revoke(store, strong.id, user.id, by, now=now)
    assert rights(user).codes_on(store) == {SALE, ITEM}


def test_the_roles_of_another_tenant_are_not_there(user):
    store, other = make_store(), make_store()
    role, stranger, now = make_role(store, SALE), owner_of(other), utc_now()
    for refused in (
        lambda: grants.grant(store, role.id, user.id, stranger, now=now),
        lambda: grants.grant(other, role.id, user.id, stranger, now=now),
        lambda: grants.revoke(store, role.id, user.id, stranger, now=now),
        lambda: roles.create_role(store, RoleDraft("x", frozenset({SALE})), stranger, now=now),
        lambda: roles.change_role(other, role.id, RoleDraft("x", frozenset({SALE})), stranger, now=now),
        lambda: grants.delete_role(store, role.id, stranger, now=now),
        lambda: invitations.invite(store, role.id, user.email, stranger, now=now),
        lambda: grants.grant(store, role.id, new_id(), owner_of(store), now=now),
    ):
        with pytest.raises(NotFound):
            refused()


def test_a_member_without_the_right_to_manage_roles_is_forbidden_to(user):
    store = make_store()
    role = make_role(store, SALE)
    give_role(role, user)
    with pytest.raises(Forbidden):
        grants.grant(store, role.id, user.id, authority(user), now=utc_now())


@pytest.mark.parametrize(
    ("name", "codes", "faulty"),
    [
        ("", {SALE}, {"name"}),
        ("x" * 61, {SALE}, {"name"}),
        ("Fine", set(), {"permissions"}),
        ("Fine", {"users.user.manage"}, {"permissions"}),
        ("Fine", {"no.such.code"}, {"permissions"}),
        (" ", {"no.such.code"}, {"name", "permissions"}),
    ],
)
def test_a_role_on_a_tenant_has_a_name_and_permissions_that_go_with_it(name, codes, faulty):
    store = make_store()
    with pytest.raises(InvalidValue) as refusal:
        roles.create_role(store, RoleDraft(name, frozenset(codes)), owner_of(store), now=utc_now())
    assert set(refusal.value.fields) == faulty


def test_a_platform_role_takes_platform_permissions_only_and_built_in_ones_stay():
    with pytest.raises(InvalidValue):
        make_platform_role(SALE)
    with pytest.raises(RoleBuiltIn):
        roles.get_role(PLATFORM, "admin")


def test_a_role_in_use_is_removed_only_together_with_its_grants(user, refresh_index):
    store = make_store()
    role, by = make_role(store, SALE), owner_of(store)
    give_role(role, user)
    with pytest.raises(RoleInUse) as refusal:
        grants.delete_role(store, role.id, by, now=utc_now())
    assert refusal.value.details == {"holders": 1}
    grants.delete_role(store, role.id, by, revokes=True, now=utc_now())
    assert rights(user).codes_on(store) == frozenset() and not User.find(user.id).roles
    assert roles.list_roles(store) == []
    assert entries_about(user.id, refresh_index) == ["users.role.grant", "users.role.revoke"]
    with pytest.raises(NotFound):
        grants.delete_role(store, role.id, by, now=utc_now())


def test_a_person_has_at_most_forty_roles(user):
    role = make_role(make_store(), SALE)
    user.update(roles={f"store:{new_id()}:{new_id()}" for _ in range(40)})
    with pytest.raises(TooManyRoles):
        give_role(role, user)
    assert rights(user).tenants == {}


def test_members_are_listed_with_their_roles(settings):
    store, ann, bob = make_store(), make_user(settings), make_user(settings)
    desk, shelf = make_role(store, SALE, name="Desk"), make_role(store, ITEM, name="Shelf")
    for role, person in ((desk, ann), (shelf, ann), (desk, bob)):
        give_role(role, person)
    listed = {member.user.id: [role.name for role in member.roles] for member in grants.members_of(store)}
    assert listed == {ann.id: ["Desk", "Shelf"], bob.id: ["Desk"]}
    grants.remove_member(store, ann.id, owner_of(store), role_id=desk.id, now=utc_now())
    assert rights(ann).codes_on(store) == {ITEM}
    grants.remove_member(store, ann.id, owner_of(store), now=utc_now())
    assert rights(ann).codes_on(store) == frozenset()
    with pytest.raises(NotFound):
        grants.remove_member(store, ann.id, owner_of(store), now=utc_now())


# invitations


def invited(store, role, user, by=None):
    """An offer as `invite` makes it, with its token in hand."""
    by = by or owner_of(store)
    return one_time.issue(
        invitations.PURPOSE, user.id, lives=invitations.LIVES, now=utc_now(), tenant_kind=store.kind,
        tenant_id=store.id, role_id=role.id, invited_by=by.rights.id,
    )  # fmt: skip


def accept(token, user, settings):
    identity = account_service.authenticate_cookie(log_in(user, settings).cookie, now=utc_now())
    invitations.accept(token, identity, Actor(user.id), now=utc_now())


def test_an_offer_is_taken_once_and_by_who_it_names(user, settings):
    owner = make_user(settings, is_seller=True)
    store = make_store(owner.id)
    role = make_role(store, SALE)
    token = invited(store, role, user)
    with pytest.raises(TokenInvalid):
        accept(token, make_user(settings), settings)
    accept(token, user, settings)
    assert rights(user).codes_on(store) == {SALE}
    with pytest.raises(TokenInvalid):
        accept(token, user, settings)


def test_an_offer_falls_with_who_made_it_and_with_its_role(user, settings):
    owner, manager = make_user(settings, is_seller=True), make_user(settings)
    store = make_store(owner.id)
    role, managing = make_role(store, SALE), make_role(store, ROLE, SALE)
    give_role(managing, manager)
    token = invited(store, role, user, authority(manager))
    grants.revoke(store, managing.id, manager.id, owner_of(store), now=utc_now())
    with pytest.raises(TokenInvalid):
        accept(token, user, settings)
    token = invited(store, role, user)
    grants.delete_role(store, role.id, owner_of(store), now=utc_now())
    with pytest.raises(TokenInvalid):
        accept(token, user, settings)
    assert rights(user).codes_on(store) == frozenset()


def test_an_invitation_to_nobody_is_no_refusal_and_one_to_oneself_is(settings):
    owner = make_user(settings, is_seller=True)
    store = make_store(owner.id)
    role = make_role(store, SALE)
    invitations.invite(store, role.id, f"nobody-{new_id()}@example.com", authority(owner), now=utc_now())
    with pytest.raises(InvalidValue):
        invitations.invite(store, role.id, owner.email, authority(owner), now=utc_now())


# races


def at_once(*calls):
    """The outcome of each call, all of them begun together; a refusal is an outcome too."""
    barrier = Barrier(len(calls))

    def run(call):
        barrier.wait()
        try:
            return call()
        except (ConcurrentChange, NotFound) as refusal:
            return refusal

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_roles_given_at_once_are_all_there(user):
    stores = [make_store() for _ in range(8)]
    given = [(store, make_role(store, SALE)) for store in stores]
    at_once(*[lambda role=role: give_role(role, user) for _, role in given])
    held = rights(user)
    assert all(held.may(SALE, store) for store in stores)


def test_taking_one_role_does_not_bring_back_another_that_is_taken_at_once(user):
    stores = [make_store() for _ in range(6)]
    given = [(store, make_role(store, SALE)) for store in stores]
    for _, role in given:
        give_role(role, user)
    at_once(
        *[
            lambda store=store, role=role: grants.revoke(store, role.id, user.id, owner_of(store), now=utc_now())
            for store, role in given[:4]
        ]
    )
    held = rights(user)
    assert [held.may(SALE, store) for store in stores] == [False] * 4 + [True] * 2


@pytest.mark.parametrize("round_number", range(5))
def test_giving_and_taking_at_once_leave_rights_and_list_agreed(user, round_number):
    store = make_store()
    role, by = make_role(store, SALE), owner_of(store)
    give_role(role, user)
    at_once(
        lambda: grants.revoke(store, role.id, user.id, by, now=utc_now()),
        lambda: give_role(role, user),
        lambda: grants.revoke(store, role.id, user.id, by, now=utc_now()),
    )
    listed = [member.user.id for member in grants.members_of(store)]
    assert rights(user).may(SALE, store) is (listed == [user.id])


def test_of_two_changes_of_a_role_at_once_none_is_lost_unseen():
    store = make_store()
    role, by = make_role(store, SALE), owner_of(store)
    drafts = [RoleDraft("A", frozenset({SALE, ITEM})), RoleDraft("B", frozenset({SALE, IMPORT}))]
    outcomes = at_once(
        *[lambda draft=draft: roles.change_role(store, role.id, draft, by, now=utc_now()) for draft in drafts]
    )
    won = [outcome for outcome in outcomes if isinstance(outcome, Role)]
    standing = Role.find("store", store.id, role.id)
    assert won and (standing.name, standing.permissions) in [(row.name, row.permissions) for row in won]


# a random history against a plain model

CODES = [SALE, ITEM, IMPORT]


@dataclass
class Model:
    """Rights as a plain program keeps them."""

    roles: dict[str, tuple[int, frozenset[str]]] = field(default_factory=dict)
    holders: set[tuple[str, int]] = field(default_factory=set)

    def codes(self, person: int, tenant: int) -> set[str]:
        held = (self.roles[role] for role, holder in self.holders if holder == person)
        return {code for place, codes in held if place == tenant for code in codes}


def test_after_any_history_rights_are_those_of_a_plain_model(settings):
    class History(RuleBasedStateMachine):
        @initialize()
        def begin(self):
            self.people = [make_user(settings) for _ in range(2)]
            self.tenants = [make_store(), make_school()]
            self.model = Model()

        def chosen(self, data):
            role_id = data.draw(st.sampled_from(sorted(self.model.roles)))
            return role_id, self.tenants[self.model.roles[role_id][0]]

        @rule(tenant=st.integers(0, 1), codes=st.sets(st.sampled_from(CODES), min_size=1))
        def make(self, tenant, codes):
            role = make_role(self.tenants[tenant], *codes)
            self.model.roles[role.id] = (tenant, frozenset(codes))

        @precondition(lambda self: self.model.roles)
        @rule(data=st.data(), person=st.integers(0, 1))
        def give(self, data, person):
            role_id, tenant = self.chosen(data)
            grants.grant(tenant, role_id, self.people[person].id, owner_of(tenant), now=utc_now())
            self.model.holders.add((role_id, person))

        @precondition(lambda self: self.model.roles)
        @rule(data=st.data(), person=st.integers(0, 1))
        def take(self, data, person):
            role_id, tenant = self.chosen(data)
            try:
                grants.revoke(tenant, role_id, self.people[person].id, owner_of(tenant), now=utc_now())
            except NotFound:
                assert (role_id, person) not in self.model.holders
            self.model.holders.discard((role_id, person))

        @precondition(lambda self: self.model.roles)
        @rule(data=st.data(), codes=st.sets(st.sampled_from(CODES), min_size=1))
        def change(self, data, codes):
            role_id, tenant = self.chosen(data)
            draft = RoleDraft("Changed", frozenset(codes))
            roles.change_role(tenant, role_id, draft, owner_of(tenant), now=utc_now())
            self.model.roles[role_id] = (self.model.roles[role_id][0], frozenset(codes))

        @precondition(lambda self: self.model.roles)
        @rule(data=st.data())
        def remove(self, data):
            role_id, tenant = self.chosen(data)
            grants.delete_role(tenant, role_id, owner_of(tenant), revokes=True, now=utc_now())
            del self.model.roles[role_id]
            self.model.holders = {held for held in self.model.holders if held[0] != role_id}

        @invariant()
        def rights_agree(self):
            for person, user in enumerate(getattr(self, "people", ())):
                held = rights(user)
                for number, tenant in enumerate(self.tenants):
                    assert held.codes_on(tenant) == self.model.codes(person, number)

    run_state_machine_as_test(
        History,
        settings=examples(
            max_examples=8,
            stateful_step_count=14,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
