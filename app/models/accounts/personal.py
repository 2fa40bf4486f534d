"""What belongs to one person: addresses, profiles, what they reached once, and changes of mail and phone."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from app.plugins.cassandra_cqlengine import ConditionalModel, Model, columns
from app.utils.ids import new_id


@dataclass(frozen=True)
class Address:
    """One entry of an address book. country: ISO 3166-1, two capitals; phone: E.164 or empty."""

    id: str
    name: str
    address_1: str
    address_2: str
    city: str
    area: str
    postcode: str
    country: str
    phone: str = ""
    label: str = ""


class AddressBook(ConditionalModel):
    """All addresses of a person. Read path: by the user's id.

    The whole book is one row, so that "one default of each kind" and "at most fifty" hold however many write at once.
    """

    __table_name__ = "address_book"

    user_id = columns.Text(partition_key=True)
    content = columns.Text(required=True, default="[]")
    default_billing = columns.Text(default="")
    default_delivery = columns.Text(default="")

    @property
    def entries(self) -> tuple[Address, ...]:
        """The addresses, oldest first."""
        return tuple(Address(**entry) for entry in json.loads(self.content or "[]"))


def packed_addresses(entries: tuple[Address, ...]) -> str:
    """The text of an address book's `content` column."""
    return json.dumps([asdict(entry) for entry in entries], ensure_ascii=False, separators=(",", ":"))


class StaffProfile(Model):
    """What only staff have. Read path: by the user's id. tax_doc: sealed by the vault, never shown."""

    __table_name__ = "staff_profile"

    user_id = columns.Text(partition_key=True)
    bio = columns.Text(default="")
    listing = columns.Boolean(default=False)
    tax_doc = columns.Text()


class UserMilestone(ConditionalModel):
    """Something a person reached for the first time. Read path: (user, name). Made once, never changed."""

    __table_name__ = "user_milestone"

    user_id = columns.Text(partition_key=True)
    name = columns.Text(primary_key=True)
    reached_at = columns.DateTime(required=True)


PENDING, APPLIED, UNDONE, SUPERSEDED, VOID = "pending", "applied", "undone", "superseded", "void"


class ContactChange(ConditionalModel):
    """A change of somebody's email or phone. Read paths: (user, kind, id); all of a user's, newest of a kind first.

    status: pending until the new end confirms, then applied; superseded by a newer one; undone by the old end, which
    makes those that came after it void.
    code_hash, tries: of the code sent to a new phone, and how often it was guessed wrong.
    """

    __table_name__ = "contact_change"

    user_id = columns.Text(partition_key=True)
    kind = columns.Text(primary_key=True)
    id = columns.Text(primary_key=True, clustering_order="DESC", default=new_id)
    old_value = columns.Text(default="")
    new_value = columns.Text(default="")
    status = columns.Text(required=True, default=PENDING)
    code_hash = columns.Text()
    tries = columns.Integer(required=True, default=0)
    requested_at = columns.DateTime(required=True)
    expires_at = columns.DateTime(required=True)
    settled_at = columns.DateTime()

    def is_open(self, now: datetime) -> bool:
        """Whether the new end can still confirm it at `now` (aware UTC)."""
        return self.status == PENDING and now < self.expires_at
