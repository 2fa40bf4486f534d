"""Every table is answered for; copies are made once at a time; erasing survives a death after any of its steps."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from app import commands
from app.models import Order, SandboxCharge, Store
from app.models.accounts import DataExport, Erasure, LoginName, User, UserDevice, UserSession
from app.models.accounts.privacy import DONE, EXPIRED, FAILED, QUEUED, READY, RUNNING
from app.plugins import mail, private_files, uploads
from app.services import accounts as account_service
from app.services import privacy
from app.services.accounts import Credentials, Identity, ProofRequired, SessionStart, addresses, devices, kyc, pictures
from app.services.accounts.addresses import Defaults
from app.services.accounts.devices import Device
from app.services.accounts.rights import identify
from app.services.orders import ending
from app.services.privacy import AccountInUse, ErasureRequest, ExportNotReady, ExportRunning, registry
from app.services.privacy.erasing import run_erasure
from app.services.privacy.exporting import run_export
from app.services.privacy.parts import Kept, Part
from app.utils.errors import NotFound, SearchUnavailable
from tests.people import ADDRESS, NOW, PASSWORD, make_person, picture
from tests.purchases import make_goods, pay, place

pytestmark = pytest.mark.usefixtures("app")
MINUTE = timedelta(minutes=1)


class Died(Exception):
    """The process that did the work is gone."""


class Clock:
    """An hour hand that tests turn."""

    def __init__(self, now=NOW):
        self.now = now

    def __call__(self):
        return self.now

    def pass_on(self, span=61 * timedelta(seconds=1)):
        self.now += span
        return self.now


# the registry


def test_every_table_is_answered_for_or_holds_nothing_of_anybody():
    answered, empty = set(registry.registered()), set(registry.NOTHING_PERSONAL)
    missing = [model.__name__ for model in commands.tables() if model not in answered | empty]
    assert missing == [], "add them to the parts of their domain, or to NOTHING_PERSONAL with the reason"
    assert answered & empty == set()


def test_no_table_is_answered_for_twice_and_every_column_named_is_there():
    seen = [model for part in registry.PARTS for model in part.tables]
    assert len(seen) == len(set(seen))
    for part in registry.PARTS:
        for model, columns in part.tables.items():
            assert set(columns) <= set(model._columns), f"{part.name}: {model.__name__}"
            assert columns, f"{part.name}: {model.__name__}"
    assert len({part.name for part in registry.PARTS}) == len(registry.PARTS)
    assert all(reason for reason in registry.NOTHING_PERSONAL.values())


def test_the_rule_in_words_names_every_part_that_leaves_something(project):
    text = (project / "docs-source" / "privacy.md").read_text(encoding="utf-8")
    for part in registry.PARTS:
        assert f"`{part.name}`" in text, part.name


# copies


def asked_for_copy(settings, now=NOW):
    user = make_person(settings, first_name="Ann")
    return user, privacy.request_export(user.id, now=now)


def test_a_copy_is_made_told_of_and_removed_after_its_days(settings, refresh_index):
    user, row = asked_for_copy(settings)
    clock = Clock()
    made = run_export(user.id, settings=settings, clock=clock)
    assert (made.status, made.part_done, made.expires_at) == (READY, made.part_total, NOW + timedelta(days=7))
    archive = privacy.read_archive(user.id, row.id, now=NOW, settings=settings)
    assert archive.startswith(b"PK")
    sealed = (private_files.folder_of(settings) / made.file).read_bytes()
    assert b"PK\x03\x04" not in sealed and b"Ann" not in sealed
    (told,) = [kept for kept in mail.mails_to(user.email) if kept.subject == "The copy of your data is ready"]
    assert told.state == "waiting"
    refresh_index()
    privacy.remove_expired(NOW + timedelta(days=7) - MINUTE, settings=settings)
    assert privacy.read_archive(user.id, row.id, now=NOW + timedelta(days=6), settings=settings) == archive
    with pytest.raises(ExportNotReady):
        privacy.read_archive(user.id, row.id, now=NOW + timedelta(days=7), settings=settings)
    privacy.remove_expired(NOW + timedelta(days=7) + MINUTE, settings=settings)
    assert privacy.read_export(user.id, row.id).status == EXPIRED
    assert not (private_files.folder_of(settings) / made.file).exists()


def test_one_copy_runs_at_a_time_and_a_new_one_replaces_the_last(settings):
    user, first = asked_for_copy(settings)
    with pytest.raises(ExportRunning):
        privacy.request_export(user.id, now=NOW)
    run_export(user.id, settings=settings, clock=Clock())
    second = privacy.request_export(user.id, now=NOW)
    with pytest.raises(NotFound):
        privacy.read_export(user.id, first.id)
    made = run_export(user.id, settings=settings, clock=Clock())
    folder = private_files.folder_of(settings) / "exports" / user.id
    assert [path.name for path in folder.iterdir()] == [second.id] == [made.id]


def test_of_parallel_wishes_one_is_taken(settings):
    user = make_person(settings)

    def ask(_):
        try:
            return privacy.request_export(user.id, now=NOW).id
        except ExportRunning:
            return None

    with ThreadPoolExecutor(6) as threads:
        assert len([made for made in threads.map(ask, range(6)) if made]) == 1


def test_of_parallel_runners_one_makes_the_copy(settings):
    user, _ = asked_for_copy(settings)
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: run_export(user.id, settings=settings, clock=Clock()), range(4)))
    assert len([row for row in made if row]) == 1


def test_another_s_copy_is_not_found(settings):
    _, row = asked_for_copy(settings)
    with pytest.raises(NotFound):
        privacy.read_export(make_person(settings).id, row.id)


def failing(parts, at, fault):
    """The same parts, of which one ends with a fault after its work."""

    def after(act):
        def acted(subject):
            act(subject)
            raise fault

        return acted

    broken = replace(parts[at], export=after(parts[at].export), erase=after(parts[at].erase))
    return [*parts[:at], broken, *parts[at + 1 :]]


def test_a_copy_goes_on_after_its_runner_died_and_fails_on_a_fault(settings):
    user, _ = asked_for_copy(settings)
    clock = Clock()
    away = SearchUnavailable("away")
    with pytest.raises(SearchUnavailable):
        run_export(user.id, settings=settings, clock=clock, parts=failing(registry.PARTS, 3, away))
    standing = DataExport.find_serial(user.id)
    assert (standing.status, standing.part_done) == (RUNNING, 3)
    assert run_export(user.id, settings=settings, clock=clock) is None
    clock.pass_on()
    assert run_export(user.id, settings=settings, clock=clock).status == READY
    privacy.request_export(user.id, now=clock())
    with pytest.raises(Died):
        run_export(user.id, settings=settings, clock=clock, parts=failing(registry.PARTS, 3, Died()))
    assert DataExport.find_serial(user.id).status == FAILED
    assert privacy.request_export(user.id, now=clock()).status == QUEUED


def test_a_part_of_no_table_shows_up_in_the_copy(settings):
    user, row = asked_for_copy(settings)
    own = Part("own", {}, lambda subject: Kept({"id": subject.id}, {"own/file.txt": b"x"}), lambda subject: None)
    run_export(user.id, settings=settings, clock=Clock(), parts=[own])
    archive = privacy.read_archive(user.id, row.id, now=NOW, settings=settings)
    assert b"own.json" in archive and b"own/file.txt" in archive


# the end


def logged_in(settings, user, now=NOW) -> Identity:
    credentials = Credentials(user.email, PASSWORD)
    signed_in = account_service.log_in(credentials, SessionStart(), replaces=None, now=now, settings=settings)
    return identify(signed_in.user, signed_in.session)


def well_known_person(settings):
    user = make_person(settings, first_name="Ann", last_name="Lee")
    addresses.add_address(user, ADDRESS, Defaults(), now=NOW, settings=settings)
    user = pictures.put_picture(User.find(user.id), picture(), settings=settings)
    devices.register_device(user.id, Device("d1", "ios", f"token {user.id}"), now=NOW)
    sent = kyc.Submission("passport", "L01X00T47", picture())
    kyc.submit(user.id, sent, now=NOW, settings=settings)
    return User.find(user.id)


def test_closing_an_account_ends_it_at_once(settings, refresh_index):
    user = make_person(settings)
    identity = logged_in(settings, user)
    refresh_index()
    with pytest.raises(account_service.BadCredentials):
        privacy.request_erasure(ErasureRequest(identity, "wrong password"), now=NOW, settings=settings)
    with pytest.raises(ProofRequired):
        privacy.request_erasure(ErasureRequest(identity), now=NOW + 11 * MINUTE, settings=settings)
    assert User.find(user.id).is_active
    privacy.request_erasure(ErasureRequest(identity), now=NOW, settings=settings)
    assert not User.find(user.id).is_active
    assert account_service.list_sessions(user.id, now=NOW) == []
    with pytest.raises(account_service.UserInactive):
        logged_in(settings, user)
    assert privacy.run_erasures(NOW + MINUTE, settings=settings, clock=Clock(NOW + MINUTE)) is not None
    assert User.find(user.id).email == user.email, "it begins after two minutes"


def test_what_is_open_stands_in_the_way(settings, refresh_index):
    user, goods = make_person(settings), make_goods()
    identity = logged_in(settings, user)
    placed = place(goods.wanted(), user_id=user.id)
    refresh_index()
    with pytest.raises(AccountInUse) as refusal:
        privacy.request_erasure(ErasureRequest(identity), now=NOW, settings=settings)
    assert refusal.value.details == {"open": [{"kind": "order", "id": placed.order.id}]}
    seller = Store.find(Order.find(placed.order.id).seller_ids[0])
    assert seller is not None
    ending.cancel_order(placed.order.id, by=user.id, now=NOW)
    refresh_index()
    privacy.request_erasure(ErasureRequest(identity), now=NOW, settings=settings)


def test_a_seller_goes_when_every_sale_is_settled_and_the_shop_closes(settings, refresh_index):
    owner = make_person(settings, is_seller=True)
    goods = make_goods(owner_id=owner.id)
    identity = logged_in(settings, owner)
    placed = place(goods.wanted())
    refresh_index()
    with pytest.raises(AccountInUse) as refusal:
        privacy.request_erasure(ErasureRequest(identity), now=NOW, settings=settings)
    assert refusal.value.details == {"open": [{"kind": "sale", "id": placed.order.id}]}
    pay(placed)
    refresh_index()
    privacy.request_erasure(ErasureRequest(identity), now=NOW, settings=settings)
    mail.forget(owner.email, settings.data_folder / "mail")
    assert run_erasure(owner.id, settings=settings, clock=Clock(NOW + 3 * MINUTE)).status == DONE
    shop = Store.find(Order.find(placed.order.id).seller_ids[0])
    assert (shop.is_active, shop.email) == (False, None)


def test_an_order_that_slipped_in_is_waited_for(settings, refresh_index):
    user = make_person(settings)
    identity = logged_in(settings, user)
    refresh_index()
    privacy.request_erasure(ErasureRequest(identity), now=NOW, settings=settings)
    placed = place(make_goods().wanted(), user_id=user.id)
    refresh_index()
    mail.forget(user.email, settings.data_folder / "mail")
    clock = Clock(NOW + 3 * MINUTE)
    assert run_erasure(user.id, settings=settings, clock=clock).status == RUNNING
    assert User.find(user.id).email == user.email
    ending.expire_order(Order.find_serial(placed.order.id), NOW + timedelta(hours=1))
    refresh_index()
    clock.pass_on()
    assert run_erasure(user.id, settings=settings, clock=clock).status == DONE
    assert Order.find_serial(placed.order.id).email.endswith("@erased.invalid")


def test_the_last_mail_is_waited_for_a_day_at_most(settings, refresh_index):
    user = make_person(settings)
    refresh_index()
    privacy.request_erasure(ErasureRequest(logged_in(settings, user)), now=NOW, settings=settings)
    clock = Clock(NOW + 3 * MINUTE)
    assert run_erasure(user.id, settings=settings, clock=clock).status == RUNNING
    clock.now = NOW + timedelta(days=1)
    assert run_erasure(user.id, settings=settings, clock=clock).status == DONE
    assert mail.mails_to(user.email) == []


def test_a_death_after_any_step_only_delays_the_end(settings, refresh_index):
    user = well_known_person(settings)
    order = pay(place(make_goods().wanted(), user_id=user.id))
    refresh_index()
    privacy.request_erasure(ErasureRequest(logged_in(settings, user)), now=NOW, settings=settings)
    mail.forget(user.email, settings.data_folder / "mail")
    clock = Clock(NOW + 3 * MINUTE)
    for step in range(len(registry.PARTS)):
        with pytest.raises(Died):
            run_erasure(user.id, settings=settings, clock=clock, parts=failing(registry.PARTS, step, Died()))
        assert len(Erasure.find_serial(user.id).done or ()) == step
        assert run_erasure(user.id, settings=settings, clock=clock) is None, "its runner may still live"
        clock.pass_on()
    row = run_erasure(user.id, settings=settings, clock=clock)
    assert (row.status, row.done) == (DONE, [part.name for part in registry.PARTS])
    assert_erased(settings, user, order)
    assert run_erasure(user.id, settings=settings, clock=clock) is None


def assert_erased(settings, user, order):
    left = User.find(user.id)
    assert (left.email, left.username) == (f"erased-{user.id}@erased.invalid".lower(), f"erased-{user.id}".lower())
    assert (left.first_name, left.address_1, left.avatar, left.password_hash) == ("", "", None, None)
    assert (
        LoginName.find_many([f"email:{user.email}", f"username:{user.email}", f"referral:{user.referral_code}"]) == []
    )
    assert list(UserSession.objects(user_id=user.id)) == list(UserDevice.objects(user_id=user.id)) == []
    assert not (uploads.folder_of(settings) / pictures.folder_of(user.id)).exists()
    assert not (private_files.folder_of(settings) / kyc.folder_of(user.id)).exists()
    assert kyc.find_case(user.id) is None
    standing = Order.find_serial(order.id)
    assert (standing.total_cents, standing.email) == (order.total_cents, left.email)
    assert SandboxCharge.find_serial(order.payment_ids[0]).email == left.email


def test_runners_at_once_erase_once(settings, refresh_index):
    user = well_known_person(settings)
    refresh_index()
    privacy.request_erasure(ErasureRequest(logged_in(settings, user)), now=NOW, settings=settings)
    mail.forget(user.email, settings.data_folder / "mail")
    clock = Clock(NOW + 3 * MINUTE)
    with ThreadPoolExecutor(3) as threads:
        done = list(threads.map(lambda _: run_erasure(user.id, settings=settings, clock=clock), range(3)))
    assert [row.status for row in done if row] == [DONE]
    heir = make_person(settings, email=user.email)
    assert heir.id != user.id
