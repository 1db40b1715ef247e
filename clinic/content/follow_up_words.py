"""Whether a short message has no topic of its own, and so is about what was said last."""

from __future__ import annotations

import re

_MOST_WORDS = 9
_WORD = re.compile(r"[a-z']+")
# A message of nothing but these names no topic: "and if I still can't?", "but what then", "how do you mean".
_WORDS_WITHOUT_TOPIC_LIST = """
a about again all also am an and any anyway are at be because but by can cant cannot could couldnt did didnt
do does doesnt doing dont else even ever exactly for get go going got had has have havent he her hers him his
hmm how huh i id if ill im in instead into is isnt it its ive just keep know like made makes mean means meant
might my myself need never no not now of oh ok okay on one or part possible really right said say saying sense
she should so sometimes sort still suppose sure than that thats the them then there these they thing things
this those to too tried try trying understand us was wasnt way we well were what whats whatever when where
which who why will with without wont work works worked would wouldnt yeah yes yet you your
"""
_WORDS_WITHOUT_TOPIC = frozenset(_WORDS_WITHOUT_TOPIC_LIST.split())


def is_follow_up(text: str) -> bool:
    """True for a few words of which none names a topic."""
    words = _WORD.findall(text.lower().replace("\u2019", "'").replace("'", ""))
    return 0 < len(words) <= _MOST_WORDS and all(word in _WORDS_WITHOUT_TOPIC for word in words)
