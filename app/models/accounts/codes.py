"""One-time codes, and who brought whom."""

from datetime import datetime

from app.plugins.cassandra_cqlengine import ConditionalModel, columns
from app.plugins.cassandra_cqlengine_elastic import MirroredModel

PENDING = "pending"


class LoginCode(ConditionalModel):
    """The one code that is good for an identifier. Read path: by the identifier's keyed hash.

    A new code replaces the row's values, so there is never a second one. Both hashes are keyed with the secret key: a
    phone number has few digits and a code only six, and whoever has a copy of the database could try them all. The
    hash of the code covers what it was asked for. `wrong_tries` is empty, as none, where it outlived its row's time.
    """

    __table_name__ = "login_code"
    __options__ = {"default_time_to_live": 24 * 3600}

    identifier_hash = columns.Text(partition_key=True)
    code_hash = columns.Text(required=True)
    wrong_tries = columns.Integer(default=0)
    expires_at = columns.DateTime(required=True)
    used_at = columns.DateTime()

    def is_good(self, now: datetime) -> bool:
        """Whether it can still be used at `now` (aware UTC), wrong tries apart."""
        return self.used_at is None and now < self.expires_at


class Referral(ConditionalModel, MirroredModel):
    """Who brought a new user. Read path: by the new user's id; a referrer's own ones by the mirror.

    It is written before the user row, so a crash in between leaves a referral of nobody, which counts for nothing.
    """

    __table_name__ = "referral"

    referred_user_id = columns.Text(partition_key=True)
    referrer_id = columns.Text(required=True)
    code = columns.Text(required=True)
    status = columns.Text(required=True, default=PENDING)
    at = columns.DateTime(required=True)
