"""Staff take a lost second factor off: who may, what it leaves, and who hears of it."""

import json

import pytest

from app.models import AdminLog
from app.models.accounts import FederatedLink, SecondFactor, User
from app.services import accounts as account_service
from app.services.accounts import Forbidden, SessionEnded, passkeys
from app.services.accounts.administration import OwnAccount
from app.services.accounts.factor_reset import reset_factors
from app.services.accounts.rights import PLATFORM_CODES
from app.services.accounts.second_step import NoSecondFactor
from app.services.accounts.ways_in import LastWayIn
from app.utils.errors import InvalidValue, NotFound
from app.utils.ids import new_id
from tests.authenticator import Authenticator
from tests.factor_people import NOW, log_in, make_person, turn_on_app, unconfirmed
from tests.factories import authority, give_role, make_platform_role, make_user
from tests.letters import letters_by

pytestmark = pytest.mark.usefixtures("app")
REASON = "showed a passport at the desk"


@pytest.fixture
def admin(settings):
    return make_user(settings, is_admin=True)


@pytest.fixture
def reset():
    """Call it: staff reset the second factor of somebody."""
    return lambda person, by, reason=REASON: reset_factors(person.id, authority(by), reason=reason, now=NOW)


def add_passkey(person, settings):
    options = passkeys.begin_making(person, now=NOW, settings=settings)
    return passkeys.add(person, Authenticator().create(options), "Key", now=NOW, settings=settings)


def test_every_second_factor_goes_and_the_first_stays(settings, admin, reset, refresh_index):
    ann = make_person(settings)
    turn_on_app(ann, settings)
    add_passkey(ann, settings)
    FederatedLink.create_if_absent(user_id=ann.id, id="x", provider="p", issuer="i", subject=new_id(), linked_at=NOW)
    told = letters_by(lambda: reset(ann, admin), ann.email)
    assert [letter.subject for letter in told] == ["Your second factor was removed"]
    assert SecondFactor.find(ann.id) is None and passkeys.list_passkeys(ann.id) == []
    assert [link.id for link in FederatedLink.objects(user_id=ann.id).limit(10)] == ["x"]
    assert account_service.list_sessions(ann.id, now=NOW) == []
    assert log_in(ann, settings).user.id == ann.id  # by password alone
    refresh_index()
    (entry,) = AdminLog.elastic("subject_id", ann.id).documents()
    assert (entry["action"], entry["actor_id"], entry["reason"]) == ("users.factor.reset", admin.id, REASON)
    assert json.loads(entry["before"]) == {"authenticator_app": True, "passkeys": 1}


def test_all_logins_end(settings, admin, reset):
    ann = make_person(settings)
    turn_on_app(ann, settings)
    assert [session.id for session in account_service.list_sessions(ann.id, now=NOW)] == [ann.session_id]
    reset(ann, admin)
    with pytest.raises(SessionEnded):
        account_service.look_again(ann, now=NOW)


def test_nobody_resets_their_own_or_that_of_somebody_who_may_as_much(settings, admin, reset):
    root, other = make_user(settings, is_superuser=True), make_user(settings, is_superuser=True)
    for person, by, refusal in (
        (admin, admin, OwnAccount),
        (make_user(settings, is_admin=True), admin, Forbidden),
        (root, admin, Forbidden),
        (other, root, Forbidden),
        (admin, root, NoSecondFactor),
    ):
        with pytest.raises(refusal):
            reset(person, by)


def test_the_right_is_one_of_its_own(settings, reset):
    helper, clerk, user = make_user(settings), make_user(settings), make_user(settings)
    give_role(make_platform_role(*PLATFORM_CODES - {"users.factor.reset"}), helper)
    with pytest.raises(Forbidden):
        reset(user, User.find(helper.id))
    give_role(make_platform_role("users.factor.reset"), clerk)
    with pytest.raises(NoSecondFactor):
        reset(user, User.find(clerk.id))
    with pytest.raises(Forbidden):
        reset(User.find(helper.id), User.find(clerk.id))


def test_a_reason_and_something_to_reset_are_needed(settings, admin, reset):
    ann = make_person(settings)
    with pytest.raises(NoSecondFactor):
        reset(ann, admin)
    turn_on_app(ann, settings)
    with pytest.raises(InvalidValue):
        reset(ann, admin, reason=" lost ")
    with pytest.raises(NotFound):
        reset_factors(new_id(), authority(admin), reason=REASON, now=NOW)
    assert SecondFactor.find(ann.id).is_active


def test_the_last_way_in_stays(settings, admin, reset):
    ann = make_person(settings, None)
    add_passkey(ann, settings)
    unconfirmed(ann)
    with pytest.raises(LastWayIn):
        reset(ann, admin)
    User.find(ann.id).update(email_confirmed_at=NOW)
    assert reset(ann, admin).passkeys == 1
