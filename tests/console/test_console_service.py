"""The service page: figures without names, small numbers hidden, each table as a file, every part asked."""

import csv
import io
import re
from datetime import timedelta

import pytest
from people import People
from playwright.sync_api import expect

from clinic.clock import now
from clinic.console.bar_charts import bar_chart
from clinic.console.service_tables import NAMES
from clinic.conversations.models import Message

NONE = '<span class="soft"><span aria-hidden="true">-</span><span class="nhsuk-u-visually-hidden">none</span></span>'


@pytest.fixture
def busy(clinic):
    """A clinic in which something happened; names and words that must not be seen."""
    people = People(clinic)
    for given in ("Amira", "Jan"):
        people.in_the_middle(given, "Haddadnovak", joined_at=now() - timedelta(days=100), reference="REF-77")
    for _ in range(6):
        clinic.escalation("secret words", status="closed", outcome="spoken_to", minutes_ago=30)
    clinic.escalation("secret words", status="closed", outcome="false_alarm", minutes_ago=30)
    clinic.escalation("secret words", minutes_ago=75)
    conversation_id = clinic.conversation()
    asked = clinic.message(conversation_id, "secret words")
    clinic.message(conversation_id, "An answer.", sender="assistant", kind="leaflet")
    with clinic.database.write() as session:
        answer = session.query(Message).filter_by(kind="leaflet").one()
        answer.topic, answer.in_reply_to_id = "therapist_silence", asked
    return clinic


def cells(client, name, days="30"):
    answer = client.get(f"/console/service/{name}.csv?days={days}")
    assert answer.status_code == 200, name
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(answer.text)))


def test_service_shows_figures_and_nobody(busy, sam):
    for days in ("7", "30", "90"):
        page = sam.get(f"/console/service?days={days}").text
        for private in ("secret words", "Haddadnovak", "Amira", "REF-77"):
            assert private not in page
    assert sam.get("/console/service?days=8").status_code == 422
    assert ("sam", "view", "service_figures") in [entry[:3] for entry in busy.audit()]


def test_service_hides_small_numbers_of_what_people_may_be_in_danger_of(busy, sam):
    heading, row, everything = cells(sam, "flags")
    assert heading == ["What it may be about", "Spoken to the person", "False alarm", "Still open"]
    assert row[1:] == ["6", "1 to 4", "1 to 4"] and everything[1:] == ["6", "1", "1"]
    assert cells(sam, "topics")[1] == ["Why the silence?", "1 to 4", "1 to 4"]


def test_service_says_how_soon_a_person_looked(busy, sam):
    rows = cells(sam, "responding")
    assert rows[1] == ["Look now", "8", "1", "30 min", "30 min", "1 h 15 min"]


def test_service_weeks_with_few_sessions_have_no_share(busy, sam):
    weeks = cells(sam, "answered")
    assert {tuple(row[1:]) for row in weeks[1:]} <= {("1 to 4", "", "", ""), ("0", "", "", "")}


@pytest.mark.parametrize("name", NAMES)
def test_service_file_says_what_the_page_says(busy, sam, name):
    page = re.sub(r"\s+", " ", sam.get("/console/service?days=30").text)
    rows = cells(sam, name)
    if f"/console/service/{name}.csv" not in page:
        # Nothing happened: the page says so in words.
        assert {cell for row in rows[1:] for cell in row[1:]} <= {"0", ""}
        return
    for row in rows[1:]:
        assert f'<th scope="row">{row[0]}</th>' in page, name
        assert "".join(f"<td>{cell or NONE}</td>" for cell in row[1:]) in page, (name, row)


def test_service_empty_clinic_says_so(sam):
    page = sam.get("/console/service").text
    assert "No escalations." in page and "Nobody is on the waiting list." in page
    assert "<svg" not in page


def test_service_therapists_see_no_figures(clinic, new_client):
    client = new_client(clinic.account("theo", "Theo", role="therapist"))
    assert client.get("/console/service").status_code == 403
    assert "/console/service" not in client.get("/console/patients").text


def test_service_parts_name_what_does_not_work(clinic, sam):
    page = sam.get("/console/live/service/parts").text
    said = re.sub(r"<[^>]+>", " ", page)
    # Nobody listens where Rasa should be; the rest runs with the application.
    assert re.search(r"Rasa:\s+does not work", said) and re.search(r"Detector:\s+works", said)
    assert re.search(r"[1-3] of 8 parts", said)
    assert sam.get("/console/service/parts").status_code == 200


@pytest.mark.parametrize(
    ("values", "top", "heights", "highest"),
    [
        ([0, 5, 10], None, [0, 70.0, 140.0], "12"),
        ([None, 50.0], 100, [None, 84.0], "100"),
        ([], None, [], "4"),
    ],
)
def test_bar_chart_heights(values, top, heights, highest):
    chart = bar_chart(id="x", title="X", labels=[str(n) for n in range(len(values))], values=values, top=top)
    assert [bar.height for bar in chart.bars] == heights
    assert chart.lines[-1].value == highest


@pytest.mark.browser
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_service_page_asks_the_parts_and_says_when_it_cannot(clinic, new_page):
    page = new_page(clinic.account())
    page.route(re.compile("/console/live/service/parts"), lambda route: route.abort())
    page.goto("/console/service")
    expect(page.get_by_text("This could not be asked just now")).to_be_visible()
    expect(page.get_by_text("Asking every part")).to_be_hidden()
    page.unroute(re.compile("/console/live/service/parts"))
    page.reload()
    expect(page.get_by_text(re.compile(r"\d of 8 parts"))).to_be_visible(timeout=10_000)
    expect(page.get_by_text("This could not be asked just now")).to_be_hidden()
