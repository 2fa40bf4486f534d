"""The user's picture, address book, and changes of email and phone."""

from flask import Response

from app.net.answers import (
    accepted,
    accepted_answer,
    created,
    created_answer,
    list_answer,
    listed,
    no_content,
    no_content_answer,
    one,
    one_answer,
)
from app.net.http.accounts.blueprints import user
from app.net.http.accounts.logins import current_settings
from app.net.middlewares.access import current_user, in_person_required, login_required, proof_required, public
from app.net.middlewares.limits import at_most
from app.net.schemas.accounts.personal import (
    AddressChangesIn,
    AddressIn,
    AddressOut,
    AddressPath,
    CodeIn,
    EmailChangeIn,
    PendingOut,
    PhoneChangeIn,
    PictureForm,
    PictureOut,
    TokenIn,
)
from app.plugins.uploads import PICTURE_MAX_BYTES
from app.services.accounts import addresses, contacts, pictures
from app.utils.clock import utc_now

_FORM_BYTES = 64 * 1024


@user.put("/picture", answers=one_answer(PictureOut), max_bytes=PICTURE_MAX_BYTES + _FORM_BYTES)
@at_most(20)
@login_required
def replace_picture(form: PictureForm) -> Response:
    """My picture is this one. It is encoded anew: nothing of the file itself is kept, where it was taken included."""
    content = form.file.stream.read()
    return one(PictureOut.of(pictures.put_picture(current_user.user, content, settings=current_settings())))


@user.delete("/picture", answers=no_content_answer())
@login_required
def delete_picture() -> Response:
    """I have no picture."""
    pictures.remove_picture(current_user.user, settings=current_settings())
    return no_content()


@user.get("/addresses", answers=list_answer(AddressOut))
@login_required
def list_addresses() -> Response:
    """My addresses, oldest first: all of them on one page, fifty at most."""
    book = addresses.read_book(current_user.id)
    shown = [AddressOut.of(book, entry) for entry in book.entries]
    return listed(shown, size=len(shown), total=len(shown), next=None)


@user.post("/addresses", answers=created_answer(AddressOut), errors=(409,), idempotent=True)
@login_required
def create_address(body: AddressIn) -> Response:
    """One address more; the first one becomes the default for bills and parcels."""
    book, address = addresses.add_address(
        current_user.user, body.values(), body.defaults(), now=utc_now(), settings=current_settings()
    )
    return created(AddressOut.of(book, address), location=f"/api/user/addresses/{address.id}")


@user.get("/addresses/<address_id>", answers=one_answer(AddressOut))
@login_required
def read_address(path: AddressPath) -> Response:
    """One of my addresses."""
    book = addresses.read_book(current_user.id)
    return one(AddressOut.of(book, addresses.find_address(book, path.address_id)))


@user.patch("/addresses/<address_id>", answers=one_answer(AddressOut), errors=(409,))
@login_required
def change_address(path: AddressPath, body: AddressChangesIn) -> Response:
    """Change the given fields of one of my addresses, or make it a default."""
    return _changed(path.address_id, body)


@user.put("/addresses/<address_id>", answers=one_answer(AddressOut), errors=(409,))
@login_required
def replace_address(path: AddressPath, body: AddressIn) -> Response:
    """Write one of my addresses whole."""
    return _changed(path.address_id, body)


@user.delete("/addresses/<address_id>", answers=no_content_answer(), errors=(409,))
@login_required
def delete_address(path: AddressPath) -> Response:
    """Remove one of my addresses."""
    addresses.remove_address(current_user.id, path.address_id)
    return no_content()


@user.post("/email", answers=accepted_answer(PendingOut))
@proof_required
def request_email_change(body: EmailChangeIn) -> Response:
    """Ask for another address: it is sent a link, good for a day; the present one a link that undoes it for a week."""
    contacts.request_email(current_user.user, body.email, now=utc_now(), settings=current_settings())
    return accepted(PendingOut(pending=body.email))


@user.post("/email/confirm", answers=no_content_answer(), errors=(409,))
@at_most(10)
@public
def confirm_email_change(body: TokenIn) -> Response:
    """Confirm a new address by the secret of the link that was sent there."""
    contacts.confirm_email(body.token, now=utc_now())
    return no_content()


@user.post("/contacts/undo", answers=no_content_answer(), errors=(409,))
@at_most(10)
@public
def undo_contact_change(body: TokenIn) -> Response:
    """“It was not me”: the address or number is as before, and every login of the account has ended."""
    contacts.undo(body.token, now=utc_now(), settings=current_settings())
    return no_content()


@user.post("/phone", answers=accepted_answer(PendingOut))
@proof_required
def request_phone_change(body: PhoneChangeIn) -> Response:
    """Ask for another number: it is sent six digits, good for five minutes."""
    contacts.request_phone(current_user.user, body.phone, now=utc_now(), settings=current_settings())
    return accepted(PendingOut(pending=body.phone))


@user.post("/phone/confirm", answers=no_content_answer(), errors=(409,))
@in_person_required
def confirm_phone_change(body: CodeIn) -> Response:
    """Confirm the new number by the code that was sent there; five wrong ones and it is dead."""
    contacts.confirm_phone(current_user.user, body.code, now=utc_now(), settings=current_settings())
    return no_content()


def _changed(address_id: str, body: AddressChangesIn) -> Response:
    book, address = addresses.change_address(
        current_user.user, address_id, body.values(), body.defaults(), now=utc_now(), settings=current_settings()
    )
    return one(AddressOut.of(book, address))
