"""Addresses, pictures, devices, milestones, consents and the identity check on real stores."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from app.models import AdminLog
from app.models.accounts import Consent, KycCase, StaffProfile, StudentProfile, User, UserDevice, UserMilestone
from app.models.admin import AppendOnly
from app.plugins import private_files, uploads, vault
from app.plugins.uploads import UploadRefused
from app.services import accounts as account_service
from app.services.accounts import (
    NewAccount,
    SessionStart,
    addresses,
    consents,
    devices,
    kyc,
    milestones,
    pictures,
    profile,
)
from app.services.accounts.addresses import AddressBookFull, Defaults
from app.services.accounts.consents import Answer, TermsOutdated
from app.services.accounts.devices import Device
from app.services.accounts.kyc import KycState, OwnCase, Submission
from app.services.audit import Actor
from app.utils.errors import InvalidValue, NotFound
from app.utils.ids import new_id
from tests.people import ADDRESS, NOW, PASSWORD, fresh_email, mails_to, make_person, picture

pytestmark = pytest.mark.usefixtures("app")


# addresses


def add(settings, user, defaults=None, **changes):
    return addresses.add_address(user, ADDRESS | changes, defaults or Defaults(), now=NOW, settings=settings)


def test_the_first_address_is_the_default_of_both_kinds_and_goes_to_the_profile(settings):
    user = make_person(settings)
    book, first = add(settings, user, city="Ulm", area="BW")
    assert (book.default_billing, book.default_delivery) == (first.id, first.id)
    assert User.find(user.id).city == "Ulm"
    book, second = add(settings, user)
    assert (book.default_billing, book.default_delivery) == (first.id, first.id)
    book, _ = addresses.change_address(user, second.id, {}, Defaults(delivery=True), now=NOW, settings=settings)
    assert (book.default_billing, book.default_delivery) == (first.id, second.id)
    book, _ = addresses.change_address(user, first.id, {}, Defaults(billing=False), now=NOW, settings=settings)
    assert (book.default_billing, book.default_delivery) == ("", second.id)


def test_a_removed_default_leaves_none(settings):
    user = make_person(settings)
    _, first = add(settings, user)
    _, second = add(settings, user)
    addresses.remove_address(user.id, first.id)
    book = addresses.read_book(user.id)
    assert [entry.id for entry in book.entries] == [second.id]
    assert (book.default_billing, book.default_delivery) == ("", "")


def test_an_address_of_somebody_else_is_not_found(settings):
    user, other = make_person(settings), make_person(settings)
    _, address = add(settings, user)
    add(settings, other)
    for touch in (
        lambda: addresses.find_address(addresses.read_book(other.id), address.id),
        lambda: addresses.change_address(other, address.id, {}, Defaults(), now=NOW, settings=settings),
        lambda: addresses.remove_address(other.id, address.id),
        lambda: addresses.remove_address(make_person(settings).id, address.id),
    ):
        with pytest.raises(NotFound):
            touch()


def test_parallel_additions_stop_at_fifty_and_leave_one_default(settings):
    user = make_person(settings)
    for _ in range(46):
        add(settings, user)

    def try_to_add(_):
        try:
            return add(settings, user, Defaults(billing=True))[1].id
        except AddressBookFull:
            return None

    with ThreadPoolExecutor(6) as threads:
        added = [address for address in threads.map(try_to_add, range(6)) if address]
    book = addresses.read_book(user.id)
    assert (len(added), len(book.entries)) == (4, 50)
    assert book.default_billing in added


# profile


def test_completing_a_profile_is_noted_once(settings):
    user = make_person(settings, first_name="Ann", last_name="Lee")
    user.update(email_confirmed_at=NOW)
    add(settings, user)
    assert milestones.reached_at(user.id, milestones.PROFILE_COMPLETED) == NOW
    later = NOW + timedelta(days=1)
    account_service.change_profile(user.id, {"city": ""}, now=later, settings=settings)
    account_service.change_profile(user.id, {"city": "Ulm"}, now=later, settings=settings)
    view = account_service.view_profile(User.find(user.id), now=later)
    assert (view.is_complete, view.completed_at) == (True, NOW)


def test_of_parallel_completions_one_is_the_first(settings):
    user = make_person(settings)
    with ThreadPoolExecutor(6) as threads:
        made = list(
            threads.map(
                lambda n: UserMilestone.create_if_absent(user_id=user.id, name="x", reached_at=NOW)[1], range(6)
            )
        )
    assert made.count(True) == 1


def test_profiles_follow_the_flags(settings):
    student, teacher = make_person(settings), make_person(settings, is_teacher=True)
    assert StudentProfile.find(student.id) is not None and StaffProfile.find(student.id) is None
    assert StaffProfile.find(teacher.id) is not None
    with pytest.raises(NotFound):
        profile.staff_profile(student)
    row = profile.change_staff_profile(teacher, {"bio": "Dances.", "tax_doc": "DE-12-345"}, settings=settings)
    assert (row.bio, vault.unseal(settings, profile.TAX_DOC, row.tax_doc.encode())) == ("Dances.", b"DE-12-345")
    assert b"12-345" not in row.tax_doc.encode()
    assert profile.change_staff_profile(teacher, {"tax_doc": ""}, settings=settings).tax_doc is None


# picture


def files_of(settings, user) -> list[str]:
    return sorted(path.name for path in (uploads.folder_of(settings) / pictures.folder_of(user.id)).glob("*"))


def test_a_picture_replaces_the_one_before_and_its_files(settings):
    user = pictures.put_picture(make_person(settings), picture(), settings=settings)
    first = files_of(settings, user)
    assert len(first) == 3 and user.avatar == f"/media/avatars/{user.id}/{first[0]}"
    user = pictures.put_picture(user, picture("PNG"), settings=settings)
    second = files_of(settings, user)
    assert len(second) == 3 and not set(first) & set(second)
    for url in pictures.sizes_of(user).values():
        assert uploads.is_stored(settings, url.removeprefix("/media/"))
    user = pictures.remove_picture(user, settings=settings)
    assert (user.avatar, files_of(settings, user), pictures.sizes_of(user)) == (None, [], {})


def test_two_people_with_one_picture_do_not_lose_it_to_each_other(settings):
    content = picture()
    ann = pictures.put_picture(make_person(settings), content, settings=settings)
    bob = pictures.put_picture(make_person(settings), content, settings=settings)
    pictures.remove_picture(ann, settings=settings)
    assert len(files_of(settings, bob)) == 3


def test_pictures_put_at_once_leave_the_row_with_files(settings):
    user = make_person(settings)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda n: pictures.put_picture(User.find(user.id), picture(), settings=settings), range(4)))
    for url in pictures.sizes_of(User.find(user.id)).values():
        assert uploads.is_stored(settings, url.removeprefix("/media/"))


def test_a_refused_picture_leaves_the_old_one(settings):
    user = pictures.put_picture(make_person(settings), picture(), settings=settings)
    before = files_of(settings, user)
    with pytest.raises(UploadRefused):
        pictures.put_picture(user, b"no picture", settings=settings)
    assert files_of(settings, user) == before


# devices


def test_a_device_is_one_row_however_often_it_comes(settings):
    user = make_person(settings)
    devices.register_device(user.id, Device("d1", "ios", "t1" + user.id, "1.0"), now=NOW)
    devices.register_device(user.id, Device("d1", "ios", "t2" + user.id, "1.1"), now=NOW + timedelta(days=1))
    (row,) = devices.list_devices(user.id)
    assert (row.app_version, row.push_token) == ("1.1", "t2" + user.id)
    assert [target.device_id for target in devices.push_targets(user.id)] == ["d1"]
    devices.remove_device(user.id, "d1")
    assert devices.list_devices(user.id) == []
    with pytest.raises(NotFound):
        devices.remove_device(user.id, "d1")


def test_a_push_token_moves_to_its_new_user(settings):
    ann, bob, token = make_person(settings), make_person(settings), new_id()
    devices.register_device(ann.id, Device("d1", "android", token), now=NOW)
    devices.register_device(bob.id, Device("d9", "android", token), now=NOW)
    assert devices.push_targets(ann.id) == []
    assert UserDevice.find(ann.id, "d1").push_token is None
    assert [row.device_id for row in devices.push_targets(bob.id)] == ["d9"]
    devices.remove_device(ann.id, "d1")
    assert len(devices.push_targets(bob.id)) == 1


def test_of_many_who_register_one_token_at_once_one_is_pushed_to(settings):
    people, token = [new_id() for _ in range(8)], new_id()

    def register(user_id):
        devices.register_device(user_id, Device("d1", "web", token), now=NOW)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(register, people))
    assert sum(len(devices.push_targets(user_id)) for user_id in people) == 1
    assert sum(UserDevice.find(user_id, "d1").push_token == token for user_id in people) == 1


def test_somebody_has_fifty_devices_at_most():
    user_id = new_id()
    for number in range(52):
        devices.register_device(user_id, Device(f"d{number}", "web"), now=NOW + timedelta(seconds=number))
    kept = [row.device_id for row in devices.list_devices(user_id)]
    assert len(kept) == 50 and kept[0] == "d51" and "d0" not in kept


# consents


def test_answers_are_appended_and_the_last_counts(settings):
    user = make_person(settings)
    now = NOW.replace(month=12)
    version = consents.versions_in_force(now)["terms"].version
    for number, given in enumerate((True, False, True)):
        answer = Answer("terms", version, given, address="192.0.2.1")
        consents.record_answer(user, answer, now=now + timedelta(seconds=number))
    rows = consents.list_answers(user.id)
    assert [row.is_given for row in rows] == [True, False, True]
    assert [v.kind for v in consents.versions_to_accept(rows, now=now)] == ["privacy"]
    with pytest.raises(TermsOutdated):
        consents.record_answer(user, Answer("terms", "1999-01", True), now=now)


def test_an_answer_is_never_changed_or_removed(settings):
    row = Consent.create(user_id=new_id(), at=NOW, kind="terms", version="1", is_given=True, how="account", address="x")
    for attempt in (lambda: row.update(is_given=False), lambda: row.delete(), lambda: row.update(address="y")):
        with pytest.raises(AppendOnly):
            attempt()
    kept = Consent.find(*row.key)
    assert (kept.is_given, kept.address) == (True, "x")
    assert Consent.find(*row.key).update(address="").address == ""


def test_an_answer_about_marketing_turns_the_mails_on_and_off(settings):
    user = make_person(settings)
    now = NOW.replace(month=12)
    version = consents.versions_in_force(now)["marketing"].version
    consents.record_answer(user, Answer("marketing", version, False), now=now)
    assert User.find(user.id).mail_promo is False
    consents.record_answer(User.find(user.id), Answer("marketing", version, True), now=now)
    assert User.find(user.id).mail_promo is True


def test_terms_can_be_made_a_condition_of_signing_up(settings):
    strict = replace(settings, terms_acceptance_required=True)
    now = NOW.replace(month=12)
    account = NewAccount(fresh_email(), PASSWORD)
    with pytest.raises(TermsOutdated):
        account_service.sign_up(account, SessionStart(), now=now, settings=strict)
    version = consents.versions_in_force(now)["terms"].version
    signed_in = account_service.sign_up(
        replace(account, accepted_terms=version), SessionStart(address="192.0.2.1"), now=now, settings=strict
    )
    (row,) = consents.list_answers(signed_in.user.id)
    assert (row.version, row.how, row.address) == (version, "sign_up", "192.0.2.1")


# identity check


def document(**changes) -> Submission:
    values = {"document_type": "id_card", "number": f"L{new_id()[-9:]}", "front": picture(), "back": picture("PNG")}
    return Submission(**(values | changes))


def submitted(settings, now=NOW, **changes):
    user = make_person(settings)
    submission = document(**changes)
    return user, submission, kyc.submit(user.id, submission, now=now, settings=settings)


def private_bytes(settings, user) -> list[bytes]:
    folder = private_files.folder_of(settings) / kyc.folder_of(user.id)
    return [path.read_bytes() for path in folder.glob("*")]


STAFF = Actor("staff-1", address="192.0.2.9", request_id="r1")


def test_a_document_lies_sealed_and_its_owner_reads_it(settings):
    user, submission, case = submitted(settings)
    assert (case.status, case.number_tail) == ("pending", submission.number[-4:])
    assert submission.number not in case.number_sealed
    sealed = private_bytes(settings, user)
    assert len(sealed) == 2 and not any(b"RIFF" in content or b"JFIF" in content for content in sealed)
    assert all(b"WEBP" not in content for content in sealed)
    for side in kyc.SIDES:
        assert Image.open(BytesIO(kyc.read_image(user.id, side, settings=settings))).format == "WEBP"
    assert kyc.number_of(case, settings=settings) == submission.number


def test_the_files_are_for_the_products_own_user_only(settings):
    user, _, _ = submitted(settings)
    folder = private_files.folder_of(settings) / kyc.folder_of(user.id)
    assert {path.stat().st_mode & 0o777 for path in folder.glob("*")} == {0o600}


def test_a_passport_has_no_back_and_others_have(settings):
    user, _, case = submitted(settings, document_type="passport", back=b"")
    assert case.back == ""
    with pytest.raises(NotFound):
        kyc.read_image(user.id, "back", settings=settings)
    with pytest.raises(InvalidValue):
        submitted(settings, back=b"")


def test_the_mirror_has_no_number(settings, refresh_index):
    user, submission, _ = submitted(settings)
    refresh_index()
    (found,) = KycCase.elastic("user_id", user.id).documents()
    assert submission.number[-4:] not in str(found) and "number_sealed" not in found and "front" not in found


def test_another_document_comes_only_after_a_rejection(settings):
    user, _, _ = submitted(settings)
    for _ in range(2):
        with pytest.raises(KycState):
            kyc.submit(user.id, document(), now=NOW, settings=settings)
    kyc.reject(user.id, "The picture is blurred.", STAFF, now=NOW)
    case = kyc.submit(user.id, document(), now=NOW, settings=settings)
    assert (case.status, case.round, case.reason) == ("pending", 2, "")
    assert len(private_bytes(settings, user)) == 2
    kyc.approve(user.id, STAFF, now=NOW)
    with pytest.raises(KycState):
        kyc.submit(user.id, document(), now=NOW, settings=settings)


def test_of_parallel_submissions_one_stands_with_its_files(settings):
    user = make_person(settings)

    def submit(_):
        try:
            return kyc.submit(user.id, document(), now=NOW, settings=settings).front
        except KycState:
            return None

    with ThreadPoolExecutor(4) as threads:
        stood = [front for front in threads.map(submit, range(4)) if front]
    assert stood == [kyc.read_case(user.id).front]
    assert len(private_bytes(settings, user)) == 2
    assert kyc.read_image(user.id, "front", settings=settings)


def test_a_refused_document_leaves_no_file(settings):
    user = make_person(settings)
    with pytest.raises(UploadRefused):
        kyc.submit(user.id, document(back=b"no picture"), now=NOW, settings=settings)
    with pytest.raises(UploadRefused):
        kyc.submit(user.id, document(front=picture("GIF")), now=NOW, settings=settings)
    assert private_bytes(settings, user) == [] and kyc.find_case(user.id) is None


def entries_about(user) -> list[AdminLog]:
    return AdminLog.elastic("subject_id", user.id).sort("at", "asc").get()


def test_a_decision_is_told_logged_and_final(settings, refresh_index):
    user, submission, _ = submitted(settings)
    kyc.review_image(user.id, "front", STAFF, now=NOW, settings=settings)
    kyc.reject(user.id, "The picture is blurred.", STAFF, now=NOW)
    for decide in (
        lambda: kyc.approve(user.id, STAFF, now=NOW),
        lambda: kyc.reject(user.id, "Once more.", STAFF, now=NOW),
    ):
        with pytest.raises(KycState):
            decide()
    mail = next(mail for mail in mails_to(user.email) if mail.mail_key.startswith("identity_decided/"))
    assert "The picture is blurred." in mail.text
    refresh_index()
    assert sorted(entry.action for entry in entries_about(user)) == ["users.kyc.look", "users.kyc.reject"]
    assert all(submission.number[-4:] not in entry.after for entry in entries_about(user))


def test_nobody_decides_about_their_own_document(settings):
    user, _, _ = submitted(settings)
    for actor in (Actor(user.id), Actor("staff-1", acting_as=user.id)):
        with pytest.raises(OwnCase):
            kyc.approve(user.id, actor, now=NOW)
    with pytest.raises(NotFound):
        kyc.approve(new_id(), STAFF, now=NOW)


def test_of_many_reviewers_at_once_one_decides(settings):
    user, _, _ = submitted(settings)

    def decide(number):
        actor = Actor(f"staff-{number}")
        try:
            if number % 2:
                return kyc.approve(user.id, actor, now=NOW).status
            return kyc.reject(user.id, "The picture is blurred.", actor, now=NOW).status
        except KycState:
            return None

    with ThreadPoolExecutor(6) as threads:
        decided = [status for status in threads.map(decide, range(6)) if status]
    assert decided == [kyc.read_case(user.id).status]
    approved_at = milestones.reached_at(user.id, milestones.IDENTITY_APPROVED)
    assert (approved_at == NOW) == (decided == ["approved"])
