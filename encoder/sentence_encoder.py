"""all-MiniLM-L6-v2 in ONNX: a text becomes 384 numbers, close for texts of close meaning."""

from __future__ import annotations

from pathlib import Path
from typing import Sequence

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

DIMENSIONS = 384
DEFAULT_FOLDER = Path(__file__).resolve().parents[1] / "models" / "encoder"
# Patients' messages rarely pass 100 tokens; what is longer is screened in windows by `risk`.
MAX_TOKENS = 128


class EncoderUnavailable(RuntimeError):
    """The encoder's files are missing or unreadable; the message names the file and the cure."""


class SentenceEncoder:
    """Turns texts into L2-normalised sentence embeddings. Thread-safe; reads nothing but its own folder."""

    def __init__(self, tokenizer: Tokenizer, session: onnxruntime.InferenceSession) -> None:
        self._tokenizer = tokenizer
        self._session = session

    @classmethod
    def load(cls, folder: Path = DEFAULT_FOLDER) -> SentenceEncoder:
        """Reads tokenizer.json and encoder.onnx from `folder`.

        Raises:
            EncoderUnavailable: one of the two files is missing or cannot be read.
        """
        model, vocabulary = folder / "encoder.onnx", folder / "tokenizer.json"
        for path in (model, vocabulary):
            if not path.is_file():
                raise EncoderUnavailable(f"{path} is missing: restore it with `git checkout -- {path}`")
        options = onnxruntime.SessionOptions()
        # One message at a time on a small machine: more threads only add waiting.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises several classes of its own without a public base
            raise EncoderUnavailable(f"{model} cannot be read ({type(error).__name__}): restore it from git") from error
        tokenizer = Tokenizer.from_file(str(vocabulary))
        tokenizer.no_padding()
        tokenizer.enable_truncation(MAX_TOKENS)
        return cls(tokenizer, session)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Returns float32 [len(texts), 384], each row of length 1.

        Texts are run one by one: 8-bit activations are scaled over the whole batch, so the neighbours of a text
        in a batch would change its embedding, and with it a verdict.
        """
        rows = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        for index, text in enumerate(texts):
            encoded = self._tokenizer.encode(text)
            rows[index] = self._session.run(
                None,
                {
                    "input_ids": np.asarray([encoded.ids], dtype=np.int64),
                    "attention_mask": np.asarray([encoded.attention_mask], dtype=np.int64),
                },
            )[0][0]
        return rows
