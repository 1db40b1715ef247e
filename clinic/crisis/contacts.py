"""Whom a person can call or text (data/crisis/contacts.yml)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from clinic.content.paths import CONTACTS
from clinic.content.yaml_files import read_model


class Contact(BaseModel):
    """One helpline."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    name: str
    number: str
    tel: str | None = None
    sms: str | None = None
    sms_body: str | None = None
    hours: str | None
    for_: str = Field(alias="for")
    text: str
    main: bool
    order: int
    review_on: date
    source: str

    @property
    def href(self) -> str | None:
        """What a phone opens when the number is tapped, if it can be dialled or texted."""
        if self.tel:
            return f"tel:{self.tel}"
        if self.sms:
            return f"sms:{self.sms}" + (f"?body={self.sms_body}" if self.sms_body else "")
        return None


class Contacts(BaseModel):
    """The contacts of one clinic, in the order in which they are shown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    contacts: tuple[Contact, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _some_are_main(self) -> Self:
        if not any(contact.main for contact in self.contacts):
            raise ValueError("at least one contact must be `main`: it stands in every crisis text")
        return self

    @classmethod
    def load(cls, path: Path = CONTACTS) -> Contacts:
        """Reads and checks the file.

        Raises:
            DataFileError: naming the line that is wrong.
        """
        loaded = read_model(path, cls)
        return cls.model_construct(contacts=tuple(sorted(loaded.contacts, key=lambda contact: contact.order)))

    @property
    def main_lines(self) -> str:
        """The numbers that stand in every crisis text, one a line."""
        return "\n".join(contact.text for contact in self.contacts if contact.main)

    def overdue(self, today: date) -> list[Contact]:
        """Contacts whose line should have been checked against its source by now."""
        return [contact for contact in self.contacts if contact.review_on < today]
