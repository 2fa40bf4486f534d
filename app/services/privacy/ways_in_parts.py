"""What the ways in, the rights, and the texts to phones keep on a person."""

from contextlib import nullcontext
from typing import Any

from app.models.accounts import (
    FederatedIdentity,
    FederatedLink,
    LoginCode,
    Passkey,
    PasskeyCredential,
    Referral,
    RightsNotice,
    Role,
    RoleGrant,
    SecondFactor,
    SuperuserRoster,
)
from app.plugins import sms
from app.plugins.sms.tables import OutgoingSms, SmsDelivery
from app.services.accounts import superusers
from app.services.accounts.forgetting import forget_factors
from app.services.accounts.tokens import keyed_hash
from app.services.privacy.parts import Kept, Part, Subject, remove, rows_of, shown

_PASSKEY_COLUMNS = ("name", "is_backed_up", "added_at", "last_used_at")
_LINK_COLUMNS = ("provider", "email", "linked_at", "last_used_at")
_REFERRAL_COLUMNS = ("code", "status", "at")
_GRANT_COLUMNS = ("tenant_kind", "tenant_id", "role_id", "granted_at")


def _erase_codes(subject: Subject) -> None:
    for identifier in (*subject.emails, *subject.phones):
        for row in rows_of(LoginCode, identifier_hash=keyed_hash("identifier", identifier, subject.settings)):
            remove(row)


def _export_factors(subject: Subject) -> Kept:
    row = SecondFactor.find(subject.id)
    data: dict[str, Any] = {"authenticator_app": shown(row, ("totp_enrolled_at", "totp_confirmed_at")) if row else None}
    data["passkeys"] = [shown(key, _PASSKEY_COLUMNS) for key in rows_of(Passkey, user_id=subject.id)]
    data["logins_elsewhere"] = [shown(link, _LINK_COLUMNS) for link in rows_of(FederatedLink, user_id=subject.id)]
    return Kept(data)


def _erase_factors(subject: Subject) -> None:
    forget_factors(subject.id)


def _export_referral(subject: Subject) -> Kept:
    return Kept([shown(row, _REFERRAL_COLUMNS) for row in rows_of(Referral, referred_user_id=subject.id)])


def _grants(subject: Subject) -> list[RoleGrant]:
    found = []
    for pointer in subject.user.roles or ():
        kind, tenant_id, role_id = pointer.split(":")
        if (grant := RoleGrant.find(kind, tenant_id, subject.id, role_id)) is not None:
            found.append(grant)
    return found


def _export_rights(subject: Subject) -> Kept:
    return Kept([shown(grant, _GRANT_COLUMNS) for grant in _grants(subject)])


def _erase_rights(subject: Subject) -> None:
    for grant in _grants(subject):
        remove(grant)
    is_counted = superusers.is_listed(subject.id)
    with superusers.changed(subject.id, stays=False, now=subject.now) if is_counted else nullcontext():
        if subject.user.is_superuser:
            subject.user.update(is_superuser=False)


def _erase_texts(subject: Subject) -> None:
    for phone in subject.phones:
        sms.forget(phone, subject.settings.data_folder / "sms")


def _nothing(subject: Subject) -> Kept:
    return Kept([])


def _leave(subject: Subject) -> None:
    """Nothing is to be done: what stays names nobody but by ids."""


PARTS: tuple[Part, ...] = (
    Part("login_codes", {LoginCode: ("identifier_hash",)}, _nothing, _erase_codes),
    Part(
        "factors",
        {
            SecondFactor: ("user_id", "totp_sealed"),
            Passkey: ("user_id", "name", "credential_id"),
            PasskeyCredential: ("credential_hash", "user_id"),
            FederatedIdentity: ("subject", "user_id"),
            FederatedLink: ("user_id", "subject", "email"),
        },
        _export_factors,
        _erase_factors,
    ),
    Part(
        "referral",
        {Referral: ("referred_user_id", "referrer_id", "code")},
        _export_referral,
        _leave,
        stays="Who brought whom, by the accounts' ids: points were given for it.",
    ),
    Part(
        "rights",
        {
            RoleGrant: ("user_id", "granted_by"),
            Role: ("made_by",),
            SuperuserRoster: ("entries",),
            RightsNotice: ("user_id",),
        },
        _export_rights,
        _erase_rights,
        stays="By ids: who made a role or gave it to somebody else.",
    ),
    Part("texts", {OutgoingSms: ("recipient", "text"), SmsDelivery: ("sms_key",)}, _nothing, _erase_texts),
)
