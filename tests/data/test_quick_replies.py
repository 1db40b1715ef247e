"""What tapping a quick reply sends is a known wording: KnownWording makes it certain, so it must stand in data/nlu/."""

from __future__ import annotations

import pytest
import yaml

from assistant.wording import same_wording_key
from clinic.content.paths import DATA
from clinic.content.topics import Topic, Topics
from clinic.reminder_wishes.replies import in_words

EXAMPLES: dict[str, set[str]] = {}
for _path in DATA.glob("nlu/**/*.yml"):
    for _block in yaml.safe_load(_path.read_text())["nlu"]:
        for _line in _block["examples"].splitlines():
            EXAMPLES.setdefault(same_wording_key(_line.removeprefix("- ")), set()).add(_block["intent"])


def buttons() -> set[str]:
    found = set()
    for path in DATA.glob("responses/*.yml"):
        for variants in yaml.safe_load(path.read_text())["responses"].values():
            found |= {button["payload"] for variant in variants for button in variant.get("buttons", [])}
    service = yaml.safe_load((DATA / "service" / "texts.yml").read_text())
    found |= {reply["text"] for reply in service["welcome_2"]["quick_replies"]}
    found |= {intro["request"] for intro in service["questionnaires"]["intro"].values()}
    found |= {reply["text"] for reply in service["questionnaires"]["finished_next"]["quick_replies"]}
    # Buttons that name a note by its number are there for the first nine (clinic/notes/replies.py).
    notes = service["notes"]
    for name in ("show", "delete", "share"):
        found |= {notes[f"{name}_request"].format(number=number) for number in range(1, 10)}
    # An hour to choose for the reminder (clinic/reminder_wishes/replies.py): those at which anybody may be written to.
    found |= {service["reminders"]["request"].format(hour=in_words(hour)) for hour in range(8, 21)}
    for name in ("are_stopped", "stopped", "not_joined"):
        found |= {reply["text"] for reply in service["reminders"][name]["quick_replies"]}
    return found | {Topics.none_of_these.text}


@pytest.mark.parametrize("topic", list(Topics.load()), ids=lambda topic: topic.id)
def test_quick_reply_of_each_topic_means_that_topic(topic: Topic) -> None:
    assert EXAMPLES.get(same_wording_key(topic.question)) == {topic.id}


@pytest.mark.parametrize("text", sorted(buttons()))
def test_quick_reply_means_one_thing(text: str) -> None:
    assert len(EXAMPLES.get(same_wording_key(text), set())) == 1
