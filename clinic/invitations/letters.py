"""Printed invitations: one page each, with the code in large letters and as a picture for a phone's camera."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import segno
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from clinic.crisis.contacts import Contacts
from clinic.joining.texts import LetterTexts
from clinic.journey.clinic_facts import ClinicFacts

# Names come in every script; the fonts inside every PDF reader only know western Europe.
_FONTS = (
    Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"),
    Path("/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf"),
)
_LINE_MM = 6.5


@dataclass(frozen=True)
class Letter:
    """One person's letter: the first name only, because envelopes are opened by others."""

    given_name: str
    code: str
    expires_at: datetime


class Letters:
    """Makes letters for one clinic."""

    def __init__(
        self,
        *,
        texts: LetterTexts,
        facts: ClinicFacts,
        contacts: Contacts,
        clinic_name: str,
        join_url: str,
        zone: ZoneInfo,
        sms_number: str = "",
    ) -> None:
        self._texts = texts
        self._facts = facts
        self._contacts = contacts
        self._clinic_name = clinic_name
        self._join_url = join_url
        self._zone = zone
        self._sms_number = sms_number

    def pdf(self, letters: Sequence[Letter]) -> bytes:
        """All letters as one PDF file, a page each."""
        document = _Document()
        document.set_title(self._texts.title)
        for letter in letters:
            self._page(document, letter)
        return bytes(document.output())

    def _page(self, document: _Document, letter: Letter) -> None:
        document.add_page()
        document.say(self._clinic_name, size=11)
        document.ln(14)
        document.say(self._texts.title, size=20)
        document.ln(4)
        values = {"name": letter.given_name, "clinic": self._clinic_name, "url": self._join_url}
        for paragraph in self._texts.paragraphs:
            document.say(paragraph.format(**values))
            document.ln(3)
        if self._sms_number:
            document.say(self._texts.sms.format(sms_number=self._sms_number))
        document.ln(4)
        # The code stands behind the "#": a browser sends that to no server.
        picture = io.BytesIO()
        segno.make(f"{self._join_url}#{letter.code}", error="m").save(picture, kind="png", scale=8, border=4)
        top = document.get_y()
        document.image(picture, x=document.l_margin, y=top, w=42, alt_text="The address and the code, for a camera")
        document.set_xy(document.l_margin + 50, top + 14)
        document.say(letter.code, size=26)
        document.set_y(top + 48)
        until = letter.expires_at.astimezone(self._zone)
        document.say(self._texts.until.format(until=f"{until.day} {until:%B %Y}", progress=self._facts.progress))
        document.ln(6)
        document.say(self._texts.help)
        document.say(self._contacts.main_lines)


class _Document(FPDF):
    """A4, with a font for every name where the machine has one."""

    def __init__(self) -> None:
        super().__init__(format="A4")
        self.set_margin(22)
        self.set_auto_page_break(auto=True, margin=15)
        found = next((path for path in _FONTS if path.is_file()), None)
        self._is_any_script = found is not None
        if found is not None:
            self.add_font("letter", fname=str(found))
        self._family = "letter" if found is not None else "helvetica"

    def say(self, text: str, *, size: int = 12) -> None:
        """A paragraph; the cursor stands below it."""
        self.set_font(self._family, size=size)
        if not self._is_any_script:
            text = _without_accents(text)
        height = _LINE_MM * max(size, 12) / 12
        self.multi_cell(0, height, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _without_accents(text: str) -> str:
    """The text in what every PDF reader's own font can show; "Nguyễn" becomes "Nguyen"."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return plain.encode("latin-1", "replace").decode("latin-1")
