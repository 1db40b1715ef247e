"""Whatever is sent to the documented API, the service answers without an error of its own."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as tried_with
from pydantic import SecretStr
from starlette.testclient import TestClient

from clinic.app import create_app

TOKEN = "a-machine"  # nosec B105
# Each takes some milliseconds; the whole must stay within half a minute of CI.
EXAMPLES = 12
# Streams until its reader goes away.
ENDLESS = "/events"


@pytest.fixture
def database_url(sqlite_url):
    return sqlite_url


@pytest.fixture
def documented(settings, services):
    """A client of the running service, and the operations of its schema."""
    settings.staff_api_token = SecretStr(TOKEN)
    with TestClient(create_app(services), raise_server_exceptions=False) as client:
        raw = client.get("/openapi.json").json()
        raw["paths"] = {path: found for path, found in raw["paths"].items() if not path.endswith(ENDLESS)}
        opened = client.post("/api/conversations", json={"channel": "web"}).json()
        yield client, opened["token"], [one.ok() for one in schemathesis.openapi.from_dict(raw).get_all_operations()]


def test_openapi_no_call_is_a_server_error(documented):
    client, own_token, operations = documented
    wrong, answered = [], set()

    def try_out(operation, token):
        @tried_with(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def call(case):
            asked = case.as_transport_kwargs(base_url="http://testserver", headers={"Authorization": f"Bearer {token}"})
            answer = client.request(**{name: value for name, value in asked.items() if value})
            answered.add((case.method, case.path))
            if answer.status_code >= 500 and not is_honest(answer, case):
                wrong.append((case.method, case.path, answer.status_code, case.as_curl_command()[:300]))

        call()

    for operation in operations:
        for token in (TOKEN, own_token) if "{conversation_id}" in operation.path else (TOKEN,):
            try_out(operation, token)
    assert wrong == []
    assert len(answered) >= 10, answered


def is_honest(answer, case):
    """/readyz says 503 while a part does not answer: here Rasa, which nobody runs."""
    return answer.status_code == 503 and case.path == "/readyz"
