"""Whose account a login elsewhere opens, against the real store: races, and what a crash leaves."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from app.models.accounts import FederatedIdentity, FederatedLink, LoginName, User
from app.plugins.oidc import Person, Provider
from app.services import accounts as account_service
from app.services.accounts import NewAccount, federated, passkeys
from app.services.accounts.federated import IdentityTaken, LinkRequired
from app.services.accounts.forgetting import forget_factors
from app.services.accounts.ways_in import LastWayIn
from app.utils.errors import ConcurrentChange, InvalidValue, NotFound
from app.utils.ids import new_id
from tests.authenticator import Authenticator
from tests.factor_people import LATER, NOW, mails_of, make_person, unconfirmed

pytestmark = pytest.mark.usefixtures("app")
ISSUER = "https://accounts.example"
PROVIDER = Provider("local", "Local", ISSUER, "market")


@pytest.fixture
def ann(settings):
    return make_person(settings)


@pytest.fixture
def account_of(settings):
    return lambda person, now=NOW: federated.account_of(PROVIDER, person, now=now, settings=settings)


def make_login(**told):
    return Person(
        ISSUER, new_id(), **{"email": f"joy-{new_id()}@example.com".lower(), "is_email_verified": True, **told}
    )


def tried(call, *refusals):
    """The call's result, or None when it was refused."""
    try:
        return call()
    except refusals:
        return None


def test_of_many_first_logins_at_once_one_makes_the_account(account_of):
    login = make_login(first_name="Joy")
    with ThreadPoolExecutor(6) as pool:
        users = list(pool.map(lambda _: tried(lambda: account_of(login), ConcurrentChange), range(6)))
    ids = {user.id for user in users if user}
    assert len(ids) == 1 and ids == {account_of(login).id}
    assert LoginName.find(f"email:{login.email}").user_id in ids
    user = User.find(ids.pop())
    assert (user.first_name, user.password_hash, user.email_confirmed_at) == ("Joy", None, NOW)


def test_of_two_people_who_link_a_login_at_once_one_gets_it(settings):
    login, people = make_login(), [make_person(settings) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        links = list(
            pool.map(lambda one: tried(lambda: federated.link(one, PROVIDER, login, now=NOW), IdentityTaken), people)
        )
    (link,) = [link for link in links if link]
    assert FederatedIdentity.find(ISSUER, login.subject).user_id == link.user_id
    assert sum(len(federated.list_links(person.id)) for person in people) == 1


def test_a_claim_without_its_user_is_taken_over_after_a_minute(account_of):
    login = make_login()
    FederatedIdentity.create_if_absent(issuer=ISSUER, subject=login.subject, user_id=new_id(), claimed_at=NOW)
    with pytest.raises(ConcurrentChange):
        account_of(login, NOW + timedelta(seconds=59))
    user = account_of(login, NOW + timedelta(seconds=60))
    assert FederatedIdentity.find(ISSUER, login.subject).user_id == user.id


def test_a_link_that_a_crash_kept_out_of_the_list_comes_back(account_of, ann):
    login = make_login()
    link = federated.link(ann, PROVIDER, login, now=NOW)
    link.delete_if_unchanged()
    assert account_of(login, LATER).id == ann.id
    (healed,) = federated.list_links(ann.id)
    assert (healed.id, healed.last_used_at) == (link.id, LATER)


def test_a_name_that_is_taken_meanwhile_frees_the_login(settings, account_of):
    login = make_login()
    LoginName.create_if_absent(name=f"username:{login.email}", user_id=new_id(), claimed_at=NOW, is_settled=True)
    with pytest.raises(LinkRequired):
        account_of(login)
    assert FederatedIdentity.find(ISSUER, login.subject) is None


def test_linking_again_changes_nothing(ann):
    login = make_login()
    first, second = (federated.link(ann, PROVIDER, login, now=NOW) for _ in range(2))
    assert first.id == second.id and len(federated.list_links(ann.id)) == 1
    assert [mail.subject for mail in mails_of(ann)] == ["The login with Local was added to your account"]


def test_an_account_has_twenty_logins_elsewhere_at_most(ann):
    for _ in range(20):
        federated.link(ann, PROVIDER, make_login(), now=NOW)
    with pytest.raises(InvalidValue, match="20"):
        federated.link(ann, PROVIDER, make_login(), now=NOW)


def test_unlinking_is_told_and_frees_the_login_for_another(ann, settings):
    login, ben = make_login(), make_person(settings)
    link = federated.link(ann, PROVIDER, login, now=NOW)
    with pytest.raises(NotFound):
        federated.unlink(ben, link.id, now=NOW, settings=settings)
    federated.unlink(ann, link.id, now=LATER, settings=settings)
    assert "The login with local was removed from your account" in {mail.subject for mail in mails_of(ann)}
    assert federated.link(ben, PROVIDER, login, now=LATER).user_id == ben.id


def test_two_kinds_of_ways_removed_at_once_leave_one(settings):
    for _ in range(4):
        joy = make_person(settings, None)
        options = passkeys.begin_making(joy, now=NOW, settings=settings)
        passkey = passkeys.add(joy, Authenticator().create(options), "Key", now=NOW, settings=settings)
        link, joy = federated.link(joy, PROVIDER, make_login(), now=NOW), unconfirmed(joy)
        removals = (
            lambda joy=joy, passkey=passkey: passkeys.remove(joy, passkey.id, now=NOW) or True,
            lambda joy=joy, link=link: federated.unlink(joy, link.id, now=NOW, settings=settings) or True,
        )
        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(lambda removal: tried(removal, LastWayIn), removals))
        assert sorted(map(bool, done)) == [False, True]
        assert len(passkeys.list_passkeys(joy.id)) + len(federated.list_links(joy.id)) == 1


def test_a_new_account_has_no_password_and_somebody_elses_email_is_not_taken(account_of, settings):
    login = make_login()
    account = NewAccount(login.email, "correct horse battery")
    owner = account_service.register(account, now=NOW, settings=settings)
    with pytest.raises(LinkRequired):
        account_of(login)
    owner.update(email_confirmed_at=NOW)
    with pytest.raises(LinkRequired):
        account_of(replace(login, is_email_verified=False))
    assert account_of(login).id == owner.id


def test_forgetting_all_factors_frees_every_login_and_credential(ann, account_of, settings):
    login, device = make_login(), Authenticator()
    federated.link(ann, PROVIDER, login, now=NOW)
    options = passkeys.begin_making(ann, now=NOW, settings=settings)
    passkeys.add(ann, device.create(options), "Key", now=NOW, settings=settings)
    forget_factors(ann.user.id)
    assert FederatedLink.find(ann.id, federated.link_id_of(login)) is None
    assert passkeys.list_passkeys(ann.id) == []
    assert account_of(login).id != ann.id
