"""The policy is checked at start: an error names the file, the line and the cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic.content.paths import ESCALATION_POLICY
from clinic.content.yaml_files import DataFileError
from clinic.escalations.addresses import LOG_CHANNEL, Addresses
from clinic.escalations.policy import EscalationPolicy
from clinic.settings import Settings

TEXT = ESCALATION_POLICY.read_text(encoding="utf-8")


def test_policy_alerts_at_the_minutes_that_the_clinic_agreed() -> None:
    policy = EscalationPolicy.load()
    minutes = {speed: [step.after_minutes for step in ladder.steps] for speed, ladder in policy.ladders.items()}
    assert minutes == {"now": [0, 5, 10], "today": [0, 15, 30, 60], "next_working_day": [0]}
    assert policy.reopen_after_minutes == 30


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("tell: [duty, lead]", "tell: [duty, leed]", "'leed' is no contact. Add it to contacts, or write one of: duty"),
        ("closed_tell_also: [fallback]", "closed_tell_also: [nobody]", "'nobody' is no contact"),
        ('monday: "09:00-17:00"', "monday: 09:00", 'write hours in quotes, as "09:00-17:00"'),
        ('monday: "09:00-17:00"', 'monday: "17:00-09:00"', "later than the first"),
        ('unread_by: "12:00"', "unread_by: 12:00", 'write a time in quotes, as "12:00"'),
        ("bank_holidays_of: ENG", "bank_holidays_of: FRA", "'ENG'"),
        ("after_minutes: 5,", "after_minutes: 0,", "must rise from step to step"),
        ("    repeat_every_minutes: 10\n", "", "add repeat_every_minutes"),
        ("reopen_after_minutes: 30", "reopen_after: 30", "reopen_after"),
        ("contacts:\n  duty", "contact:\n  duty", "contact"),
    ],
)
def test_policy_wrong_data_is_refused_with_file_line_and_cure(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in TEXT
    path = tmp_path / "escalation_policy.yml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataFileError) as refused:
        EscalationPolicy.load(path)
    assert said in str(refused.value) and f"{path}, line " in str(refused.value)


def test_policy_error_names_the_line_itself(tmp_path: Path) -> None:
    path = tmp_path / "escalation_policy.yml"
    path.write_text(TEXT.replace("tell: [duty, lead]", "tell: [duty, leed]", 1), encoding="utf-8")
    line = 1 + next(number for number, line in enumerate(TEXT.splitlines()) if "tell: [duty, lead]" in line)
    with pytest.raises(DataFileError, match=f"line {line}: ladders.now.steps.1.tell.1"):
        EscalationPolicy.load(path)


def addresses(*urls: str) -> Addresses:
    return Addresses.of(Settings(alert_urls=list(urls)))  # type: ignore[arg-type]


def test_addresses_belong_to_the_contact_that_they_name() -> None:
    book = addresses("duty=json://a/x?to=b", "lead=mailtos://u:p@m", "duty=json://c")
    assert book.channels(["duty"]) == [LOG_CHANNEL, "alert:1", "alert:3"]
    assert book.channels(["duty", "lead"]) == [LOG_CHANNEL, "alert:1", "alert:3", "alert:2"]
    assert book.own_channels(["watchdog"]) == [LOG_CHANNEL]


def test_addresses_missing_or_unnamed_make_more_people_hear_and_never_fewer() -> None:
    assert addresses("json://a", "lead=json://b").channels(["duty"]) == [LOG_CHANNEL, "alert:1"]
    assert addresses("lead=json://b", "fallback=json://c").channels(["duty"]) == [LOG_CHANNEL, "alert:1", "alert:2"]
    assert addresses("json://a?x=y://z").channels(["duty"]) == [LOG_CHANNEL, "alert:1"], (
        "a part of the address, no name"
    )


def test_addresses_problems_are_told_at_start() -> None:
    policy = EscalationPolicy.load()
    everyone = [f"{name}=json://{name}" for name in policy.contacts]
    assert addresses(*everyone).problems(policy) == []
    (wrong, missing) = addresses("dutty=json://a").problems(policy)
    assert "'dutty', which is no contact" in wrong and "duty, lead, fallback" in missing
