"""Phone numbers in one spelling: E.164, as networks and the blind index know them."""

from __future__ import annotations

import re

import phonenumbers

# A number without a country code is read as one of the United Kingdom.
_REGION = "GB"
# Letters would be read as the keys of an old telephone: "4.477E+11", as a spreadsheet writes it, as a number.
_WRITTEN = re.compile(r"(tel:)?[\d\s()+./-]+", re.IGNORECASE)


class PhoneNumberError(ValueError):
    """This is no phone number; the message says why and never repeats it."""


def normalised_phone(text: str) -> str:
    """The number as E.164: "07700 900123" is "+447700900123".

    Possible is enough: Ofcom's numbers for fiction (07700 900xxx), and new ranges, are not yet valid ones.

    Raises:
        PhoneNumberError: it cannot be a phone number.
    """
    if not _WRITTEN.fullmatch(text.strip()):
        raise PhoneNumberError("this is not a phone number")
    try:
        number = phonenumbers.parse(text, _REGION)
    except phonenumbers.NumberParseException as error:
        raise PhoneNumberError("this is not a phone number") from error
    # Without its area code a number is possible, but only from a telephone in that area.
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise PhoneNumberError("this phone number has too many or too few digits")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def readable_phone(number: str) -> str:
    """An E.164 number as people write it: "07700 900123" at home, "+33 6 12 34 56 78" from elsewhere."""
    parsed = phonenumbers.parse(number, None)
    at_home = parsed.country_code == phonenumbers.country_code_for_region(_REGION)
    style = phonenumbers.PhoneNumberFormat.NATIONAL if at_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, style)
