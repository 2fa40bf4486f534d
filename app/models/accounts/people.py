"""The person, and the names only one person may have."""

from app.plugins.cassandra_cqlengine import ConditionalModel, Model, columns
from app.plugins.cassandra_cqlengine_elastic import MirroredModel
from app.utils.ids import new_id

ACTIVE, BANNED, INACTIVE = "active", "banned", "inactive"


class User(MirroredModel):
    """One person. Read path: by id, once per authenticated request; the admin panel searches the mirror.

    email: empty for who signed up by phone. awaits_activation: made for somebody who has not chosen a password yet.
    """

    __table_name__ = "user"

    id = columns.Text(partition_key=True, default=new_id)
    username = columns.Text(required=True)
    email = columns.Text(default="")
    email_confirmed_at = columns.DateTime()
    phone = columns.Text()
    phone_confirmed_at = columns.DateTime()
    password_hash = columns.Text()
    first_name = columns.Text(default="")
    last_name = columns.Text(default="")
    is_student = columns.Boolean(default=True)
    is_teacher = columns.Boolean(default=False)
    is_admin = columns.Boolean(default=False)
    is_superuser = columns.Boolean(default=False)
    is_seller = columns.Boolean(default=False)
    is_staff = columns.Boolean(default=False)
    roles = columns.Set(columns.Text)
    status = columns.Text(required=True, default=ACTIVE)
    awaits_activation = columns.Boolean(default=False)
    referral_code = columns.Text()
    address_1 = columns.Text(default="")
    address_2 = columns.Text(default="")
    city = columns.Text(default="")
    area = columns.Text(default="")
    postcode = columns.Text(default="")
    country = columns.Text(default="")
    mail_weekly = columns.Boolean(default=True)
    mail_promo = columns.Boolean(default=True)
    review_anonymous = columns.Boolean(default=True)
    locale = columns.Text(default="")
    time_zone = columns.Text(default="")
    avatar = columns.Text()
    last_login_at = columns.DateTime()
    erased_at = columns.DateTime()

    @property
    def is_active(self) -> bool:
        return self.status == ACTIVE

    @property
    def full_name(self) -> str:
        """First and last name, or the username when neither is known."""
        return f"{self.first_name or ''} {self.last_name or ''}".strip() or self.username


class StudentProfile(Model):
    """What only a student has. Read path: by the user's id."""

    __table_name__ = "student_profile"

    user_id = columns.Text(partition_key=True)
    level = columns.Text(default="")
    bio = columns.Text(default="")


class LoginName(ConditionalModel):
    """A name that one user holds: username, email, phone or referral code. Read path: by `kind:value`.

    A name is claimed before the user row carries it and settled after; an unsettled claim whose holder does not
    carry the name is what a crash left behind, and may be taken over after a minute.

    held_until: the holder gave the name up but can have it back until then; nobody logs in by it.
    """

    __table_name__ = "login_name"

    name = columns.Text(partition_key=True)
    user_id = columns.Text(required=True)
    claimed_at = columns.DateTime(required=True)
    is_settled = columns.Boolean(required=True, default=False)
    held_until = columns.DateTime()
