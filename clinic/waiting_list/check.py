"""What would become of each row: added, there already, or refused with its reasons. Changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.patients.models import ContactPoint, Patient
from clinic.patients.service import NewPatient, contact_index, reference_index
from clinic.waiting_list.columns import Mapped
from clinic.waiting_list.entries import RowProblems, read_entry
from clinic.waiting_list.table import Row

_CHUNK = 500
_REPORT_EVERY = 250


@dataclass(frozen=True)
class Entry:
    """A person, and where the file has them."""

    line: int
    person: NewPatient


@dataclass
class Check:
    """What would become of the rows of a file."""

    ready: list[Entry] = field(default_factory=list)
    # On the list already. They stay as they are; `differing` are those of whom the file says something else.
    known: list[int] = field(default_factory=list)
    differing: list[int] = field(default_factory=list)
    # Line of a row that stands twice in the file, and of the row that counts.
    repeated: list[tuple[int, int]] = field(default_factory=list)
    # Line, and everything that is wrong there.
    refused: list[tuple[int, list[str]]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows were looked at."""
        return len(self.ready) + len(self.known) + len(self.repeated) + len(self.refused)


class Known:
    """Who is on the list already, to be found by the clinic's reference, or by phone, first name and birth date."""

    def __init__(self, session: Session) -> None:
        self._session = session
        references = select(Patient.reference_index, Patient.id).where(Patient.reference_index.is_not(None))
        self._by_reference = {index: patient_id for index, patient_id in session.execute(references)}
        self._by_phone: defaultdict[str, list[str]] = defaultdict(list)
        phones = select(ContactPoint.value_index, ContactPoint.patient_id).where(
            ContactPoint.system == "phone", ContactPoint.ended_at.is_(None)
        )
        for index, patient_id in session.execute(phones):
            self._by_phone[index].append(patient_id)
        self._people: dict[str, Patient] = {}

    def find(self, person: NewPatient) -> Patient | None:
        """The patient that this is, as far as the list can tell."""
        if person.reference is not None:
            patient_id = self._by_reference.get(reference_index(person.reference))
            if patient_id is not None:
                return self._patient(patient_id)
        if person.phone is None:
            return None
        same_number = (self._patient(i) for i in self._by_phone.get(contact_index("phone", person.phone), ()))
        return next((patient for patient in same_number if _is_same(patient, person)), None)

    def load(self, people: Iterable[NewPatient]) -> None:
        """Fetches at once whoever `find` may be asked about; without it, each is fetched alone."""
        wanted: set[str] = set()
        for person in people:
            if person.reference is not None:
                wanted.update(filter(None, [self._by_reference.get(reference_index(person.reference))]))
            if person.phone is not None:
                wanted.update(self._by_phone.get(contact_index("phone", person.phone), ()))
        ids = sorted(wanted)
        for begin in range(0, len(ids), _CHUNK):
            found = self._session.scalars(select(Patient).where(Patient.id.in_(ids[begin : begin + _CHUNK])))
            self._people.update((patient.id, patient) for patient in found)

    def _patient(self, patient_id: str) -> Patient:
        if patient_id not in self._people:
            self._people[patient_id] = self._session.get_one(Patient, patient_id)
        return self._people[patient_id]


def check_rows(
    session: Session,
    rows: Iterable[Row],
    mapping: Mapped,
    *,
    today: date,
    on_progress: Callable[[int], None] = lambda done: None,
) -> Check:
    """Looks at every row. `on_progress` is told now and then how many rows are done."""
    check = Check()
    entries: list[Entry] = []
    for number, row in enumerate(rows, start=1):
        try:
            entries.append(Entry(row.line, read_entry(row, mapping, today=today)))
        except RowProblems as error:
            check.refused.append((row.line, error.problems))
        if number % _REPORT_EVERY == 0:
            on_progress(number)
    known = Known(session)
    known.load(entry.person for entry in entries)
    in_file = _InFile()
    for entry in entries:
        earlier = in_file.earlier(entry)
        found = known.find(entry.person)
        if isinstance(earlier, str):
            check.refused.append((entry.line, [earlier]))
        elif earlier is not None:
            check.repeated.append((entry.line, earlier))
        elif found is None:
            check.ready.append(entry)
        else:
            check.known.append(entry.line)
            if not _says_the_same(found, entry.person):
                check.differing.append(entry.line)
    check.refused.sort(key=lambda refused: refused[0])
    return check


class _InFile:
    """The people of the file so far."""

    def __init__(self) -> None:
        self._by_reference: dict[str, Entry] = {}
        self._by_person: dict[tuple[object, ...], Entry] = {}

    def earlier(self, entry: Entry) -> int | str | None:
        """The line that has this person already, or why that cannot be; otherwise the entry is remembered."""
        person = entry.person
        if person.reference is not None:
            same = self._by_reference.setdefault(reference_index(person.reference), entry)
            if same is not entry:
                if _who(same.person) == _who(person):
                    return same.line
                return f"reference: line {same.line} has the same one for somebody else"
        if person.phone is not None:
            same = self._by_person.setdefault((*_who(person), person.phone), entry)
            if same is not entry:
                return same.line
        return None


def _who(person: NewPatient) -> tuple[str, date | None]:
    return person.given_name.casefold(), person.born_on


def _is_same(patient: Patient, person: NewPatient) -> bool:
    born_on = person.born_on.isoformat() if person.born_on is not None else None
    return patient.given_name.casefold() == person.given_name.casefold() and patient.born_on == born_on


def _says_the_same(patient: Patient, person: NewPatient) -> bool:
    family = (patient.family_name or "").casefold() == (person.family_name or patient.family_name or "").casefold()
    points = {(point.system, point.value) for point in patient.contact_points if point.ended_at is None}
    given = {("phone", person.phone), ("email", person.email)}
    return family and _is_same(patient, person) and {point for point in given if point[1] is not None} <= points
