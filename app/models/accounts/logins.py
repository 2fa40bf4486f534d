"""The logins that are open, and the tries that were none."""

from datetime import datetime, timedelta

from app.plugins.cassandra_cqlengine import ConditionalModel, Model, columns
from app.utils.ids import new_id

BROWSER_IDLE = timedelta(days=14)
"""A browser that nobody used for so long is logged out; an app's tokens have a life of their own."""


class UserSession(ConditionalModel):
    """One open login. Read paths: by (user, id) once per request; all logins of a user, newest first.

    proved_at: when the person last proved, by a secret, to be who they are. second_factor_at: when they showed a
    second factor in this login, or set one up in it.
    acting_by, acting_session_id: the member of staff who acts in the user's name, and the login of theirs it hangs on.

    The secrets themselves are nowhere: `cookie_hash` and `refresh_hash` are SHA-256 of random 256-bit tokens.
    """

    __table_name__ = "user_session"

    user_id = columns.Text(partition_key=True)
    id = columns.Text(primary_key=True, clustering_order="DESC", default=new_id)
    kind = columns.Text(required=True)
    cookie_hash = columns.Text()
    refresh_hash = columns.Text()
    device_name = columns.Text(default="")
    address = columns.Text(default="")
    started_at = columns.DateTime(required=True)
    last_seen_at = columns.DateTime(required=True)
    proved_at = columns.DateTime()
    second_factor_at = columns.DateTime()
    expires_at = columns.DateTime(required=True)
    revoked_at = columns.DateTime()
    acting_by = columns.Text()
    acting_session_id = columns.Text()

    def is_open(self, now: datetime) -> bool:
        """Whether the login still counts at `now` (aware UTC)."""
        is_left = self.kind == "browser" and now - self.last_seen_at >= BROWSER_IDLE
        return self.revoked_at is None and now < self.expires_at and not is_left


class LoginAttempt(Model):
    """One try at a login that has not succeeded. Read path: the newest tries that count together, since an instant.

    counted_as: a hash of the name, address or browser, because people type passwords into the name field. Newest
    first, so that however long somebody goes on guessing, only the rows of the window are read.
    """

    __table_name__ = "counted_attempt"
    __options__ = {"default_time_to_live": 24 * 3600}

    counted_as = columns.Text(partition_key=True)
    tried_at = columns.DateTime(primary_key=True, clustering_order="DESC")
    id = columns.Text(primary_key=True, default=new_id)
