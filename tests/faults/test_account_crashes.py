"""kill -9 after every single write of a change of mail address, of its undoing and of an erasing: all of them heal."""

from contextlib import suppress
from datetime import timedelta

import pytest

from app.models import Order
from app.models.accounts import AddressBook, Erasure, LoginName, User, UserDevice, UserSession
from app.models.accounts.privacy import DONE
from app.plugins import mail
from app.services import accounts as account_service
from app.services import privacy
from app.services.accounts import Credentials, SessionStart, TokenInvalid, addresses, contacts, devices, names
from app.services.accounts.addresses import Defaults
from app.services.accounts.devices import Device
from app.services.accounts.rights import identify
from app.services.privacy import ErasureRequest
from app.services.privacy.erasing import run_erasure
from tests.faults.dying_process import ERASED_AT
from tests.faults.test_purchase_crashes import deaths
from tests.people import ADDRESS, NOW, PASSWORD, fresh_email, make_person, token_to
from tests.purchases import make_goods, pay, place

pytestmark = pytest.mark.usefixtures("app")
HOUR = timedelta(hours=1)


def holders(email: str) -> dict[str, str]:
    rows = LoginName.find_many([f"{kind}:{email}" for kind in (names.EMAIL, names.USERNAME)])
    return {row.name: row.user_id for row in rows}


def can_log_in(settings, email: str) -> bool:
    user_id = names.find_holder(email)
    user = User.find(user_id) if user_id else None
    return user is not None and email in (user.email, user.username)


def test_a_change_of_address_killed_after_each_write_ends_changed_by_the_same_link(settings, project):
    tried = []
    with deaths(settings, project, "change_email") as attempt:
        died = True
        while died:
            user, new = make_person(settings), fresh_email()
            contacts.request_email(user, new, now=NOW, settings=settings)
            token = token_to(new, "email_to_confirm")
            tried.append((user, new, token))
            died = attempt({"token": token})
            now = User.find(user.id)
            assert now.email in (user.email, new) and can_log_in(settings, now.email), f"after write {len(tried)}"
    assert len(tried) > 8, "a change has more writes than that"
    for number, (user, new, token) in enumerate(tried, 1):
        with suppress(TokenInvalid):  # the last ones came to their end
            contacts.confirm_email(token, now=NOW + HOUR)
        changed = User.find(user.id)
        assert (changed.email, changed.username) == (new, new), f"killed after write {number}"
        assert set(holders(new).values()) == {user.id} and len(holders(new)) == 2, f"killed after write {number}"
        assert all(row.is_settled and row.held_until is None for row in LoginName.find_many(list(holders(new))))


def test_an_undoing_killed_after_each_write_ends_undone_by_the_same_link(settings, project):
    tried = []
    with deaths(settings, project, "undo_email") as attempt:
        died = True
        while died:
            user, new = make_person(settings), fresh_email()
            contacts.request_email(user, new, now=NOW, settings=settings)
            contacts.confirm_email(token_to(new, "email_to_confirm"), now=NOW)
            token = token_to(user.email, "contact_changing")
            tried.append((user, new, token))
            died = attempt({"token": token})
    for number, (user, new, token) in enumerate(tried, 1):
        with suppress(TokenInvalid):
            contacts.undo(token, now=NOW + HOUR, settings=settings)
        restored = User.find(user.id)
        assert (restored.email, restored.username) == (user.email, user.email), f"killed after write {number}"
        assert can_log_in(settings, user.email) and names.find_holder(new) is None, f"killed after write {number}"


def leaving_person(settings):
    """Somebody with a bit of everything, who has just closed the account."""
    user = make_person(settings, first_name="Ann", last_name="Lee")
    addresses.add_address(user, ADDRESS, Defaults(), now=NOW, settings=settings)
    devices.register_device(user.id, Device("d1", "ios", f"token {user.id}"), now=NOW)
    order = pay(place(make_goods().wanted(), user_id=user.id))
    credentials = Credentials(user.email, PASSWORD)
    start = SessionStart()
    signed_in = account_service.log_in(credentials, start, replaces=None, now=NOW, settings=settings)
    request = ErasureRequest(identify(signed_in.user, signed_in.session))
    privacy.request_erasure(request, now=NOW, settings=settings)
    mail.forget(user.email, settings.data_folder / "mail")
    return user, order


def test_an_erasing_killed_after_each_write_ends_erased(settings, project, refresh_index):
    tried = []
    with deaths(settings, project, "erase") as attempt:
        died = True
        while died:
            tried.append(leaving_person(settings))
            refresh_index()
            died = attempt({"user_id": tried[-1][0].id})
    assert len(tried) > 30, "an erasing has more writes than that"
    refresh_index()
    later = ERASED_AT + timedelta(minutes=2)
    for number, (user, order) in enumerate(tried, 1):
        run_erasure(user.id, settings=settings, clock=lambda: later)
        when = f"killed after write {number} of {len(tried)}"
        assert Erasure.find_serial(user.id).status == DONE, when
        left = User.find(user.id)
        assert (left.email, left.first_name, left.password_hash) == (
            f"erased-{user.id}@erased.invalid".lower(), "", None
        ), when  # fmt: skip
        assert holders(user.email) == {}, when
        assert AddressBook.find_serial(user.id) is None, when
        assert [*UserSession.objects(user_id=user.id), *UserDevice.objects(user_id=user.id)] == [], when
        standing = Order.find_serial(order.id)
        assert (standing.email, standing.total_cents) == (left.email, 1999), when
