"""What staff see of text messages in a conversation."""

from __future__ import annotations

from clinic.staff.service import create_account
from tests.clinic.sms.conftest import ANN, SmsClinic


async def page(sms: SmsClinic) -> str:
    with sms.clinic.services.database.write() as session:
        create_account(session, username="sam", name="Sam Lee", password="correct horse battery", role="duty")
    form = await sms.clinic.client.get("/console/log-in")
    token = form.text.split('name="csrftoken" value="')[1].split('"')[0]
    await sms.clinic.client.post(
        "/console/log-in", data={"username": "sam", "password": "correct horse battery", "csrftoken": token}
    )
    answer = await sms.clinic.client.get(f"/console/conversations/{sms.conversation(ANN).id}")
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_console_shows_what_each_text_message_cost_and_whether_it_arrived(sms: SmsClinic) -> None:
    await sms.write(ANN, "What is DIT?")
    html = await page(sms)
    assert "Text message, 1 part: delivered" in html and "By text message" in html and "stopped" not in html
    assert "900123" not in html


async def test_console_shows_that_a_person_has_stopped_text_messages(sms: SmsClinic) -> None:
    await sms.write(ANN, "STOP")
    html = await page(sms)
    assert "Text messages are stopped" in html
    assert "did not arrive (the person has stopped text messages)" in html


async def test_console_shows_what_came_too_fast_to_be_taken(sms: SmsClinic) -> None:
    await sms.write(ANN, "the first")
    sms.clinic.services.rate_limit.allows_message = lambda conversation_id: False  # type: ignore[method-assign]
    await sms.write(ANN, "held back words")
    html = await page(sms)
    assert "1 text message came too fast" in html and "held back words" in html
