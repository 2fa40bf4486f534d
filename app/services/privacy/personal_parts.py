"""What accounts keep on a person."""

import json
from contextlib import suppress
from typing import Any

from app.models.accounts import (
    INACTIVE,
    AddressBook,
    Consent,
    ContactChange,
    DataExport,
    Erasure,
    KycCase,
    LoginAttempt,
    LoginName,
    OneTimeToken,
    PushToken,
    StaffProfile,
    StudentProfile,
    User,
    UserDevice,
    UserMilestone,
    UserSession,
)
from app.plugins import private_files, uploads, vault
from app.services.accounts import attempts, devices, kyc, names, pictures
from app.services.accounts.profile import TAX_DOC
from app.services.privacy.parts import (
    Kept,
    Part,
    Subject,
    own_rows,
    placeholder_email,
    placeholder_name,
    remove,
    rows_of,
    shown,
)
from app.utils.errors import NotFound

USER_COLUMNS = (
    "id", "username", "email", "email_confirmed_at", "phone", "phone_confirmed_at", "first_name", "last_name",
    "is_student", "is_teacher", "is_admin", "is_superuser", "is_seller", "is_staff", "roles", "status",
    "referral_code", "address_1", "address_2", "city", "area", "postcode", "country", "mail_weekly", "mail_promo",
    "review_anonymous", "locale", "time_zone", "avatar", "last_login_at", "created_at", "updated_at",
)  # fmt: skip
_BLANKED = (
    "first_name", "last_name", "address_1", "address_2", "city", "area", "postcode", "country", "locale", "time_zone",
)  # fmt: skip
_RIGHTS = ("is_teacher", "is_admin", "is_superuser", "is_seller", "is_staff")
_EMPTIED = (
    "phone", "password_hash", "referral_code", "avatar", "email_confirmed_at", "phone_confirmed_at", "last_login_at",
)  # fmt: skip
_DEVICE_COLUMNS = ("device_id", "platform", "push_token", "app_version", "seen_at")
_SESSION_COLUMNS = ("kind", "device_name", "address", "started_at", "last_seen_at", "expires_at", "revoked_at")
_CONSENT_COLUMNS = ("at", "kind", "version", "is_given", "how", "address")
_KYC_COLUMNS = ("status", "document_type", "round", "submitted_at", "decided_at", "reason")


def _export_picture(subject: Subject) -> Kept:
    files = {}
    for size, url in pictures.sizes_of(subject.user).items():
        if path := uploads.path_for(subject.settings, url.removeprefix(uploads.URL_PREFIX)):
            files[f"picture/{size}.webp"] = path.read_bytes()
    return Kept({"avatar": subject.user.avatar}, files)


def _erase_picture(subject: Subject) -> None:
    uploads.remove_files(subject.settings, pictures.folder_of(subject.id))


def _export_profiles(subject: Subject) -> Kept:
    student, staff = StudentProfile.find(subject.id), StaffProfile.find(subject.id)
    data = {"student": shown(student, ("level", "bio")) if student else None, "staff": None}
    if staff:
        data["staff"] = shown(staff, ("bio", "listing")) | {
            "tax_doc": vault.unseal(subject.settings, TAX_DOC, staff.tax_doc.encode()).decode() if staff.tax_doc else ""
        }
    return Kept(data)


def _erase_profiles(subject: Subject) -> None:
    for row in (StudentProfile.find(subject.id), StaffProfile.find(subject.id)):
        if row is not None:
            row.delete()


def _export_addresses(subject: Subject) -> Kept:
    book = AddressBook.find(subject.id)
    columns = ("default_billing", "default_delivery")
    return Kept({"addresses": json.loads(book.content), **shown(book, columns)} if book else {"addresses": []})


def _export_devices(subject: Subject) -> Kept:
    return Kept([shown(row, _DEVICE_COLUMNS) for row in devices.list_devices(subject.id)])


def _erase_devices(subject: Subject) -> None:
    for row in devices.list_devices(subject.id):
        with suppress(NotFound):
            devices.remove_device(subject.id, row.device_id)


def _erase_addresses(subject: Subject) -> None:
    for row in rows_of(AddressBook, user_id=subject.id):
        remove(row)


def _export_consents(subject: Subject) -> Kept:
    return Kept([shown(row, _CONSENT_COLUMNS) for row in rows_of(Consent, user_id=subject.id)])


def _erase_consents(subject: Subject) -> None:
    for row in rows_of(Consent, user_id=subject.id):
        if row.address:
            row.update(address="")


def _export_kyc(subject: Subject) -> Kept:
    case = kyc.find_case(subject.id)
    if case is None:
        return Kept({"status": kyc.NO_CASE})
    files = {}
    for side in kyc.SIDES:
        with suppress(NotFound):
            files[f"kyc/{side}.webp"] = kyc.read_image(subject.id, side, settings=subject.settings)
    return Kept(shown(case, _KYC_COLUMNS) | {"number": kyc.number_of(case, settings=subject.settings)}, files)


def _erase_kyc(subject: Subject) -> None:
    private_files.remove(subject.settings, kyc.folder_of(subject.id))
    for row in rows_of(KycCase, user_id=subject.id):
        remove(row)


def _export_attempts(subject: Subject) -> Kept:
    return Kept({"kept": "failed logins, by a digest of what was typed, for a day"})


def _erase_attempts(subject: Subject) -> None:
    for identifier in {subject.user.username, *subject.emails, *subject.phones}:
        attempts.forget_attempts(identifier)


def _export_account(subject: Subject) -> Kept:
    columns = ("kind", "old_value", "new_value", "status", "requested_at", "settled_at")
    changes = [shown(row, columns) for row in rows_of(ContactChange, user_id=subject.id)]
    return Kept({"user": shown(subject.user, USER_COLUMNS), "contact_changes": changes})


def _erase_account(subject: Subject) -> None:
    """The names are freed while the row still tells them, the row itself is blanked last."""
    user = subject.user
    held = {
        names.USERNAME: {user.username, *subject.emails},
        names.EMAIL: set(subject.emails),
        names.PHONE: set(subject.phones),
        names.REFERRAL: {user.referral_code or ""},
    }
    for kind, values in held.items():
        for value in values - {""}:
            names.release(kind, value, subject.id)
    for row in rows_of(ContactChange, user_id=subject.id):
        remove(row)
    private_files.remove(subject.settings, f"exports/{subject.id}")  # a copy that was being made all the while
    blank: dict[str, Any] = dict.fromkeys(_BLANKED, "") | dict.fromkeys(_EMPTIED)
    blank |= dict.fromkeys(_RIGHTS, False) | {"roles": set()}
    blank |= {"username": placeholder_name(user.id), "email": placeholder_email(user.id)}
    user.update(**blank, status=INACTIVE, erased_at=subject.now)


def _nothing(subject: Subject) -> Kept:
    return Kept([])


def _leave(subject: Subject) -> None:
    """Nothing is to be done: it goes by itself, or the job that calls this removes it."""


def _erase_exports(subject: Subject) -> None:
    private_files.remove(subject.settings, f"exports/{subject.id}")
    for row in rows_of(DataExport, user_id=subject.id):
        remove(row)


_USER_TABLES = {
    User: ("id", "username", "email", "phone", "password_hash", "referral_code", "avatar", *_BLANKED),
    LoginName: ("name", "user_id"),
    ContactChange: ("user_id", "old_value", "new_value"),
}
FIRST_PARTS: tuple[Part, ...] = (
    own_rows(UserSession, _SESSION_COLUMNS, name="sessions"),
    Part("login_attempts", {LoginAttempt: ("counted_as",)}, _export_attempts, _erase_attempts),
    Part(
        "one_time_tokens",
        {OneTimeToken: ("subject", "payload")},
        _nothing,
        _leave,
        stays="Tokens handed out in the last days, found by nothing but the token itself; gone after 8 days.",
    ),
    Part(
        "devices",
        {UserDevice: ("user_id", *_DEVICE_COLUMNS), PushToken: ("user_id", "device_id")},
        _export_devices,
        _erase_devices,
    ),
    Part("picture", {}, _export_picture, _erase_picture),
    Part(
        "profiles",
        {StudentProfile: ("user_id", "bio"), StaffProfile: ("user_id", "bio", "tax_doc")},
        _export_profiles,
        _erase_profiles,
    ),
    Part(
        "addresses",
        {AddressBook: ("user_id", "content")},
        _export_addresses,
        _erase_addresses,
    ),
    own_rows(UserMilestone, ("name", "reached_at"), name="milestones"),
    Part(
        "identity_check",
        {KycCase: ("user_id", "number_sealed", "number_tail", "front", "back", "reason", "decided_by")},
        _export_kyc,
        _erase_kyc,
    ),
    Part(
        "consents",
        {Consent: ("user_id", "address")},
        _export_consents,
        _erase_consents,
        stays="Which text was answered how and when, under the account's id: proof that we acted on a consent.",
    ),
    Part("exports", {DataExport: ("user_id", "file")}, _nothing, _erase_exports),
    Part(
        "erasure",
        {Erasure: ("user_id",)},
        _nothing,
        _leave,
        stays="That the account of this id was erased, and when.",
    ),
)
LAST_PARTS: tuple[Part, ...] = (
    Part(
        "account",
        _USER_TABLES,
        _export_account,
        _erase_account,
        stays="The account's id with placeholders for its names, so that money rows have somebody they belong to.",
    ),
)
