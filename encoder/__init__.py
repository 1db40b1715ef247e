"""The sentence encoder that understanding (assistant) and screening (risk) share."""

from encoder.sentence_encoder import EncoderUnavailable, SentenceEncoder

__all__ = ["EncoderUnavailable", "SentenceEncoder"]
