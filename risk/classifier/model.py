"""The trained classifier: a linear model whose weights are plain arrays. Needs neither scikit-learn nor a pickle."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Mapping, Optional, Protocol, Sequence, Tuple
from zipfile import BadZipFile

import numpy as np

from risk.classifier.features import BUCKETS, Sparse, hashed_ngrams
from risk.verdict import CATEGORIES

FOLDER = Path(__file__).resolve().parents[2] / "models" / "risk"
_ENCODER = FOLDER.parent / "encoder"
FORMAT = 2
HARMLESS = "harmless"
LABELS = (*CATEGORIES, HARMLESS)
# The weights' columns: one a label, and one for whether a human should look now.
COLUMNS = len(LABELS) + 1
# Windows of one message that are read with the encoder (2-3 ms each): beginning, end, and the most telling n-grams.
MOST_WINDOWS = 7
# A second category is named when it is this likely, compared with the first.
_NEARLY_AS_LIKELY = 0.6


class ModelMissing(RuntimeError):
    """There is no usable classifier. The message names the file and the cure."""


class Encoder(Protocol):
    """What the classifier needs of `encoder.SentenceEncoder`."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Returns float32 [len(texts), 384], rows of length 1."""
        ...


@dataclass(frozen=True)
class Opinion:
    """What the classifier thinks of a message.

    Attributes:
        score: 0.0-1.0, how likely it is that the message is not harmless.
        categories: the likeliest category, and another that is nearly as likely, likeliest first.
        is_urgent: it reads like messages that a human should look at now, whatever their category.
    """

    score: float
    categories: Tuple[str, ...]
    is_urgent: bool


class Classifier:
    """Scores messages. Thread-safe: holds only arrays and the encoder."""

    def __init__(self, encoder: Encoder, weights: Mapping[str, np.ndarray], manifest: Mapping[str, Any]) -> None:
        self._encoder = encoder
        self._embedding = weights["embedding"].astype(np.float32)
        self._ngrams = weights["ngrams"].astype(np.float32)
        self._bias = weights["bias"].astype(np.float32)
        self.threshold = float(manifest["threshold"])
        # Below this a message is clearly harmless: what rules match that do not stand alone, does not count then.
        self.agreement_threshold = float(manifest["agreement_threshold"])
        self.context_threshold = float(manifest["context_threshold"])
        self._urgent_threshold = float(manifest["urgent_threshold"])

    @classmethod
    def load(cls, folder: Path = FOLDER, *, encoder: Optional[Encoder] = None) -> Classifier:
        """Reads `classifier.npz` and `manifest.json`, as `python -m risk train` writes them.

        Without `encoder`, loads the one in models/encoder and insists that it is the one the model was trained with.

        Raises:
            ModelMissing: a file is missing, unreadable, or made for another encoder, other features or categories.
        """
        cure = "Run `make train`"
        try:
            manifest: Dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            with np.load(folder / "classifier.npz", allow_pickle=False) as arrays:
                weights = {name: arrays[name] for name in arrays.files}
        except FileNotFoundError as error:
            raise ModelMissing(f"{error.filename} is missing. {cure}") from None
        except (OSError, ValueError, EOFError, BadZipFile) as error:
            raise ModelMissing(f"the model in {folder} cannot be read ({type(error).__name__}). {cure}") from None
        shapes = {name: array.shape for name, array in weights.items()}
        dimensions = shapes.get("embedding", (0,))[0]
        wanted = {"embedding": (dimensions, COLUMNS), "ngrams": (BUCKETS, COLUMNS), "bias": (COLUMNS,)}
        if manifest.get("format") != FORMAT or tuple(manifest.get("labels", ())) != LABELS or shapes != wanted:
            raise ModelMissing(f"the model in {folder} was made by another version of the detector. {cure}")
        if encoder is None:
            encoder, fingerprint = load_encoder()
            if manifest.get("encoder") != fingerprint:
                raise ModelMissing(f"the model in {folder} was trained with another sentence encoder. {cure}")
        return cls(encoder, weights, manifest)

    def opinion(self, texts: Sequence[str]) -> Opinion:
        """Returns the opinion on the most worrying of `texts`: one message's windows, from its beginning to its end."""
        partial = np.stack([self._ngram_logits(hashed_ngrams(text)) for text in texts]) + self._bias
        chosen = list(range(len(texts)))
        if len(texts) > MOST_WINDOWS:
            worrying = np.argsort(-_scores(partial), kind="stable")[: MOST_WINDOWS - 2]
            chosen = sorted({0, *worrying.tolist(), len(texts) - 1})
        embeddings = self._encoder.encode([texts[index] for index in chosen])
        logits = partial[chosen] + embeddings @ self._embedding
        scores = _scores(logits)
        worst = int(np.argmax(scores))
        probabilities = softmax(logits[worst, : len(LABELS)])
        order = np.argsort(-probabilities[:-1], kind="stable")
        near = [LABELS[index] for index in order if probabilities[index] >= _NEARLY_AS_LIKELY * probabilities[order[0]]]
        urgent = scores / (1.0 + np.exp(-logits[:, -1]))
        return Opinion(
            score=round(float(scores[worst]), 3),
            categories=tuple(near[:2]),
            is_urgent=bool(np.max(urgent) >= self._urgent_threshold),
        )

    def _ngram_logits(self, sparse: Sparse) -> np.ndarray:
        return np.asarray(sparse.values @ self._ngrams[sparse.buckets])


def load_encoder() -> Tuple[Encoder, str]:
    """Returns the project's sentence encoder and the hash of its files.

    Raises:
        ModelMissing: it cannot be loaded.
    """
    # Imported late: rules alone work without onnxruntime.
    from encoder import EncoderUnavailable, SentenceEncoder

    try:
        encoder = SentenceEncoder.load()
    except EncoderUnavailable as error:
        raise ModelMissing(str(error)) from error
    return encoder, encoder_fingerprint()


def encoder_fingerprint() -> str:
    """Returns the hash of the sentence encoder's files; raises ModelMissing where there are none."""
    try:
        return file_hash(_ENCODER / "encoder.onnx", _ENCODER / "tokenizer.json")
    except FileNotFoundError as error:
        raise ModelMissing(f"{error.filename} is missing. Restore it from git") from None


def softmax(logits: np.ndarray) -> np.ndarray:
    """Returns probabilities along the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


def file_hash(*paths: Path) -> str:
    """Returns the SHA-256 of the files' contents in the given order, in hexadecimal."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _scores(logits: np.ndarray) -> np.ndarray:
    return np.asarray(1.0 - softmax(logits[:, : len(LABELS)])[:, -1])
