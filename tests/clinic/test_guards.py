"""Guards: nothing is public by accident, nothing of the contract is unreachable, the database is what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from fastapi.routing import APIRoute

from actions import all_actions
from clinic.app import routers
from clinic.channels.api import patient_conversation
from clinic.channels.sms.webhooks import signed_by_twilio, token_of_notify
from clinic.content.paths import DATA
from clinic.conversations.replies import KINDS
from clinic.database import Base, Database
from clinic.settings import ROOT
from clinic.staff.access import current_staff
from clinic.staff.roles import ROLES, RULES
from tests.clinic.conftest import Clinic

OWN = ("clinic", "actions", "risk", "assistant", "encoder", "scripts", "bench", "evaluation")
# Every route that answers without a token or a log-in, and why.
PUBLIC = {
    ("POST", "/api/conversations"): "opens a conversation and hands out its token",
    ("GET", "/healthz"): "says that the process lives",
    ("GET", "/readyz"): "says which part does not answer",
    ("GET", "/metrics"): "counts and durations only",
    ("GET", "/"): "the page of the chat",
    ("GET", "/join"): "the page on which a code is typed; says nothing about anybody",
    ("GET", "/widget/example"): "shows how the chat is embedded",
    ("GET", "/widget/interlude.js"): "the chat's script",
    ("GET", "/console/log-in"): "the log-in page",
    ("POST", "/console/log-in"): "logs in",
    ("GET", "/console/log-in/single-sign-on"): "sends somebody to the clinic's provider",
    ("GET", "/console/log-in/single-sign-on/callback"): "where the provider sends them back to; checks what it proves",
    ("GET", "/emulator"): "development only: a phone to try text messages with",
    ("GET", "/emulator/phones/{number}"): "development only: what the emulated phone shows",
    ("POST", "/emulator/phones/{number}"): "development only: writes from it",
    (
        "POST",
        "/emulator/twilio/2010-04-01/Accounts/{account_sid}/Messages.json",
    ): "development only: checks the account",
    ("POST", "/internal/actions"): "checks INTERNAL_TOKEN itself",
}


def routes(clinic: Clinic) -> list[APIRoute]:
    # The door is only handed on; no route is called here.
    every = routers(clinic.services, door=None, inbox=None)  # type: ignore[arg-type]
    return [route for router in every for route in router.routes if isinstance(route, APIRoute)]


def dependencies(route: APIRoute) -> set[object]:
    found, waiting = set(), [route.dependant]
    while waiting:
        dependant = waiting.pop()
        found.add(dependant.call)
        waiting += dependant.dependencies
    return found


def permissions(route: APIRoute) -> set[str]:
    return {call.permission for call in dependencies(route) if hasattr(call, "permission")}


def steps(route: APIRoute) -> set[str]:
    """At which steps of logging in the route serves somebody's own session."""
    return {step for call in dependencies(route) for step in getattr(call, "steps", ())}


async def test_guard_every_route_declares_its_authentication(clinic: Clinic) -> None:
    unprotected = {
        (method, route.path)
        for route in routes(clinic)
        for method in route.methods
        if not steps(route)
        and not dependencies(route) & {patient_conversation, current_staff, signed_by_twilio, token_of_notify}
    }
    assert unprotected == set(PUBLIC)


async def test_guard_every_staff_route_names_a_permission(clinic: Clinic) -> None:
    """`staff: Annotated[StaffUser, requires("see_patients")]`: who is logged in may not do everything by that."""
    unnamed = [
        (route.path, sorted(route.methods))
        for route in routes(clinic)
        if route.path.startswith(("/console", "/api/staff")) and not permissions(route)
        if not (steps(route) and route.path.startswith(("/console/log-in/", "/console/account/second-factor")))
        if not {(method, route.path) for method in route.methods} <= set(PUBLIC)
    ]
    assert unnamed == []


# Their pages are being built: take a permission out of this set when its first route names it.
WITHOUT_A_PAGE = {"erase_patients", "see_content", "see_service"}


async def test_guard_every_permission_is_named_by_a_route(clinic: Clinic) -> None:
    used = {permission for route in routes(clinic) for permission in permissions(route)}
    assert set(RULES) - used <= WITHOUT_A_PAGE, "a permission that no route names protects nothing"
    assert all(rule.roles and set(rule.roles) <= set(ROLES) for rule in RULES.values())


def _kinds_in(node: object) -> set[str]:
    if isinstance(node, dict):
        own = {node["kind"]} if isinstance(node.get("kind"), str) else set()
        return own.union(*map(_kinds_in, node.values()), set())
    if isinstance(node, list):
        return set().union(*map(_kinds_in, node), set())
    return set()


def test_guard_every_kind_of_the_contract_is_reachable() -> None:
    found = {"crisis"}  # clinic/crisis/texts.py makes no other
    for path in [*DATA.glob("responses/*.yml"), DATA / "service" / "texts.yml"]:
        found |= _kinds_in(yaml.safe_load(path.read_text()))
    # `failure` is for the channel alone.
    assert found - KINDS == {"failure"} and KINDS - found == set()


async def test_guard_domain_and_code_name_the_same_actions(clinic: Clinic) -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text())
    assert {action.name() for action in all_actions(clinic.services)} == set(domain["actions"])


def test_guard_migrations_make_what_the_models_say(database: Database) -> None:
    with database.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    assert differences == []


@pytest.mark.parametrize("package", ["risk", "encoder", "assistant"])
def test_guard_imports_point_one_way(package: str) -> None:
    wrong = [
        str(path)
        for path in (ROOT / package).rglob("*.py")
        for line in path.read_text().splitlines()
        if line.startswith(("import clinic", "from clinic", "import actions", "from actions"))
    ]
    assert wrong == []


def test_guard_nothing_reads_the_planning_folder() -> None:
    own = [path for folder in OWN for path in (ROOT / folder).rglob("*.py")]
    assert [str(p) for p in own if "../shared" in p.read_text() or "/work/" in p.read_text()] == []


def test_guard_files_are_one_idea_long() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for folder in OWN
        for path in (ROOT / folder).rglob("*.py")
        if (count := len(path.read_text().splitlines())) > 300
    }
    assert long == {}, "split these"


def test_guard_settings_are_documented() -> None:
    from clinic.settings import Settings

    assert [name for name, field in Settings.model_fields.items() if not field.description and name != "x"] == []
    page = (ROOT / "docs" / "deployment.md").read_text()
    assert [name for name in Settings.model_fields if f"`{name.upper()}`" not in page] == []


def test_guard_repository_holds_what_a_rasa_user_expects() -> None:
    for name in ("config.yml", "domain.yml", "endpoints.yml", "credentials.yml", "data", "actions", "models"):
        assert (Path(ROOT) / name).exists()


def test_guard_roles_are_documented_as_they_are() -> None:
    page = (ROOT / "docs" / "log-in.md").read_text()
    for name, rule in RULES.items():
        allowed = " | ".join("yes" if role in rule.roles else "" for role in ROLES)
        assert f"| {rule.meaning} | `{name}` | {allowed} |" in page, name
