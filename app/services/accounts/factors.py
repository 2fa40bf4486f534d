"""What a person has set up to prove themselves by: the overview for their account page, and the end of it all."""

from dataclasses import dataclass
from datetime import datetime

from app.env import Settings
from app.models.accounts import FederatedLink, Passkey, SecondFactor
from app.services.accounts import federated, passkeys, second_step
from app.services.accounts.rights import Identity


@dataclass(frozen=True, slots=True)
class Factors:
    """totp_since: None without an authenticator app. must_enrol: nothing else can be done before one is set up."""

    has_password: bool
    totp_since: datetime | None
    recovery_codes_left: int
    passkeys: list[Passkey]
    links: list[FederatedLink]
    is_required: bool
    must_enrol: bool


def factors_of(identity: Identity, *, settings: Settings) -> Factors:
    """Everything that is set up; no secret of any of it."""
    row = SecondFactor.find(identity.id)
    is_required = second_step.is_required_of(identity.user, settings)
    return Factors(
        has_password=bool(identity.user.password_hash),
        totp_since=row.totp_confirmed_at if row else None,
        recovery_codes_left=len(row.recovery_hashes or {}) if row else 0,
        passkeys=passkeys.list_passkeys(identity.id),
        links=federated.list_links(identity.id),
        is_required=is_required,
        must_enrol=is_required and identity.session.second_factor_at is None,
    )
