"""Reading what a person writes inside a questionnaire: an answer, a wish such as "back", or neither. Knows no database.

What is said how is data (data/answers/); what is not plain is never guessed.
"""

from clinic.questionnaires.reading.outcome import Reading, Understood
from clinic.questionnaires.reading.reader import Reader
from clinic.questionnaires.reading.wordings import Wordings

__all__ = ["Reader", "Reading", "Understood", "Wordings"]
