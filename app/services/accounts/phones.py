"""Phone numbers as E.164, the one form in which they are kept and compared."""

import phonenumbers

from app.utils.errors import InvalidValue


def clean_phone(text: str, *, country: str) -> str:
    """The number as `+` and digits; one without `+` is read as dialled in `country` (two letters).

    Raises InvalidValue (422) with the field `phone`.
    """
    try:
        number = phonenumbers.parse(text, None if text.startswith("+") else country or None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise InvalidValue(
            "This is no phone number.", fields={"phone": ["Must be a phone number, such as +14155552671."]}
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
