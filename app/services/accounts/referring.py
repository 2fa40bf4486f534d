"""Who brought whom: a referral waits, pending, for what the referrer is rewarded for."""

from datetime import datetime

from app.models.accounts import Referral, User
from app.services.accounts import names
from app.utils.errors import InvalidValue


def find_referrer(code: str) -> User:
    """Whose referral code this is, whatever its case. Raises InvalidValue (422) with the field `referral_code`."""
    referrer = User.find(names.holder_of(names.REFERRAL, code.strip().upper()) or names.NOBODY)
    if referrer is None:
        raise InvalidValue("This referral code is not known.", fields={"referral_code": ["Is not known."]})
    return referrer


def note_referral(user_id: str, referrer: User, *, now: datetime) -> Referral:
    """The referral is pending; noting it again changes nothing."""
    referral, _ = Referral.create_if_absent(
        referred_user_id=user_id, referrer_id=referrer.id, code=referrer.referral_code, at=now
    )
    return referral


def forget_referral(user_id: str) -> None:
    """There is no referral of this user, because there is no such user after all."""
    referral = Referral.find(user_id)
    if referral is not None:
        referral.delete_if_unchanged()
