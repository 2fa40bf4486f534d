"""A person's address book: at most fifty entries, one default for billing and one for delivery."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.env import Settings
from app.models.accounts import Address, AddressBook, User
from app.models.accounts.personal import packed_addresses
from app.services.accounts import milestones
from app.services.accounts.phones import clean_phone
from app.utils.errors import DomainError, InvalidValue, NotFound
from app.utils.ids import new_id
from app.utils.shared import load_shared

COUNTRIES: dict[str, dict[str, Any]] = load_shared("countries")
MOST_ADDRESSES = 50
_BILLING_COLUMNS = ("address_1", "address_2", "city", "area", "postcode", "country")


class AddressBookFull(DomainError):
    """There are fifty addresses already (409)."""

    code, status = "address_book_full", 409


@dataclass(frozen=True, slots=True)
class Defaults:
    """What an entry becomes: the default for bills, for parcels, both or neither. None: as it is."""

    billing: bool | None = None
    delivery: bool | None = None


def read_book(user_id: str) -> AddressBook:
    """The person's addresses; an empty book when there is none yet."""
    return AddressBook.find(user_id) or AddressBook(user_id=user_id, content="[]")


def find_address(book: AddressBook, address_id: str) -> Address:
    """One entry. Raises NotFound (404), for another's too."""
    for entry in book.entries:
        if entry.id == address_id:
            return entry
    raise NotFound("There is no such address.")


def add_address(
    user: User, values: dict[str, str], defaults: Defaults, *, now: datetime, settings: Settings
) -> tuple[AddressBook, Address]:
    """The address is in the book; the first one is the default of both kinds.

    values: the columns of Address but its id. Raises InvalidValue (422), AddressBookFull (409).
    """
    address = clean_address(Address(id=new_id(), **values), settings)

    def decide(entries: tuple[Address, ...]) -> tuple[Address, ...]:
        if len(entries) >= MOST_ADDRESSES:
            raise AddressBookFull(f"An address book has up to {MOST_ADDRESSES} addresses.")
        return (*entries, address)

    book = _changed(user, address.id, decide, defaults, now)
    return book, find_address(book, address.id)


def change_address(
    user: User, address_id: str, changes: dict[str, str], defaults: Defaults, *, now: datetime, settings: Settings
) -> tuple[AddressBook, Address]:
    """The entry has the given values. Raises NotFound (404), InvalidValue (422)."""

    def decide(entries: tuple[Address, ...]) -> tuple[Address, ...]:
        if address_id not in {entry.id for entry in entries}:
            raise NotFound("There is no such address.")
        return tuple(
            clean_address(replace(entry, **changes), settings) if entry.id == address_id else entry for entry in entries
        )

    book = _changed(user, address_id, decide, defaults, now)
    return book, find_address(book, address_id)


def remove_address(user_id: str, address_id: str) -> None:
    """The entry is gone; what it was the default for has none. Raises NotFound (404), for another's too."""

    def decide(book: AddressBook) -> dict[str, Any]:
        find_address(book, address_id)
        left = tuple(entry for entry in book.entries if entry.id != address_id)
        return {"content": packed_addresses(left)} | {
            kind: "" for kind in ("default_billing", "default_delivery") if getattr(book, kind) == address_id
        }

    AddressBook.change((user_id,), decide)


def clean_address(address: Address, settings: Settings) -> Address:
    """The address as it is kept. Raises InvalidValue (422) naming everything that its country does not have."""
    rule = COUNTRIES.get(address.country)
    if rule is None:
        raise InvalidValue("There is no such country.", fields={"country": ["is no country of ISO 3166-1"]})
    needed = ("name", "address_1", "city")
    faults: dict[str, list[str]] = {name: ["must not be blank"] for name in needed if not getattr(address, name)}
    postcode = " ".join(address.postcode.upper().split())
    if pattern := rule.get("postcode"):
        if postcode and not re.fullmatch(pattern, postcode, re.ASCII):
            faults["postcode"] = [f"is no postcode of {rule['name']}"]
        if not postcode and rule["postcode_required"]:
            faults["postcode"] = [f"is required in {rule['name']}"]
    if rule.get("area_required") and not address.area:
        faults["area"] = [f"is required in {rule['name']}"]
    if faults:
        raise InvalidValue("One or more values cannot be accepted.", fields=faults)
    phone = clean_phone(address.phone, country=address.country or settings.default_country) if address.phone else ""
    return replace(address, postcode=postcode, phone=phone)


def _changed(
    user: User,
    address_id: str,
    decide: Callable[[tuple[Address, ...]], tuple[Address, ...]],
    defaults: Defaults,
    now: datetime,
) -> AddressBook:
    """The book after the change. The default for bills is copied to the profile, which orders and lists read."""

    def write(book: AddressBook) -> dict[str, Any]:
        return {"content": packed_addresses(decide(book.entries))} | _defaults_after(book, address_id, defaults)

    AddressBook.create_if_absent(user_id=user.id)
    book = AddressBook.change((user.id,), write)
    if book.default_billing == address_id:
        address = find_address(book, address_id)
        user = user.update(**{column: getattr(address, column) for column in _BILLING_COLUMNS})
        milestones.note_completion(user, now=now)
    return book


def _defaults_after(book: AddressBook, address_id: str, wanted: Defaults) -> dict[str, str]:
    """The columns that name the defaults, where they change; the first entry of a book becomes both."""
    changes = {}
    for column, is_wanted in (("default_billing", wanted.billing), ("default_delivery", wanted.delivery)):
        if is_wanted or not book.entries:
            changes[column] = address_id
        elif is_wanted is False and getattr(book, column) == address_id:
            changes[column] = ""
    return changes
