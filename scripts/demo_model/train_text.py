"""Trains the demo model's CLIP text encoder to carry each scene in its output.

Linear heads, thrown away afterwards, read the background and the contents of
the nine places from the last hidden state at the end-of-text token and at all
the padding behind it.  The UNet's cross-attention then gets a context from
which one linear map can tell what belongs where, which it cannot learn quickly
by itself.  Scenes held out from the pictures are held out here too.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from transformers import CLIPTextConfig, CLIPTextModel

import world
from make_tokenizer import LENGTH, CaptionEncoder, make_tokenizer
from training import cosine, take_step

WIDTH = 128
PLACES, SHAPES, COLOURS, SIZES = (
    len(names) for names in (world.PLACE_NAMES, world.SHAPES, world.COLOUR_NAMES, world.SIZES)
)


def new_text_encoder(tokenizer) -> CLIPTextModel:
    config = CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=WIDTH, intermediate_size=4 * WIDTH, projection_dim=WIDTH,
        num_hidden_layers=3, num_attention_heads=4, max_position_embeddings=LENGTH, hidden_act="quick_gelu",
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.eos_token_id,
    )
    config._attn_implementation = "eager"  # faster here than the fused kernel on the CPU
    return CLIPTextModel(config)


def targets(scenes: list[world.Scene]) -> dict[str, torch.Tensor]:
    """Class numbers of what the heads must read; 0 in a place means nothing there."""
    out = {
        "background": torch.tensor([[world.BACKGROUNDS.index(scene.background)] for scene in scenes]),
        "shape": torch.zeros(len(scenes), PLACES, dtype=torch.long),
        "colour": torch.zeros(len(scenes), PLACES, dtype=torch.long),
        "size": torch.zeros(len(scenes), PLACES, dtype=torch.long),
        "shapes": torch.zeros(len(scenes), SHAPES),
        "colours": torch.zeros(len(scenes), COLOURS),
    }
    for row, scene in enumerate(scenes):
        for thing in scene.things:
            place = world.PLACE_NAMES.index(thing.place)
            shape, colour = world.SHAPES.index(thing.shape), world.COLOUR_NAMES.index(thing.colour)
            out["shape"][row, place] = 1 + shape
            out["colour"][row, place] = 1 + colour
            out["size"][row, place] = 1 + list(world.SIZES).index(thing.size)
            out["shapes"][row, shape] = out["colours"][row, colour] = 1
    return out


class Heads(torch.nn.Module):
    """One linear map to all the answers."""

    widths = {
        "background": (1, len(world.BACKGROUNDS)), "shape": (PLACES, 1 + SHAPES), "colour": (PLACES, 1 + COLOURS),
        "size": (PLACES, 1 + SIZES), "shapes": (1, SHAPES), "colours": (1, COLOURS),
    }

    def __init__(self) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(WIDTH, sum(a * b for a, b in self.widths.values()))

    def forward(self, hidden: torch.Tensor) -> dict[str, torch.Tensor]:
        parts = self.linear(hidden).float().split([a * b for a, b in self.widths.values()], dim=-1)
        return {
            name: part.unflatten(-1, shape) for (name, shape), part in zip(self.widths.items(), parts)
        }


def loss_and_accuracy(logits, wanted, ends: torch.Tensor) -> tuple[torch.Tensor, float]:
    """Mean loss over the positions in `ends` (B, T), and how often all is right."""
    loss = torch.zeros(())
    right = ends.clone()
    for name, answer in wanted.items():
        rows = answer[:, None].expand(-1, ends.shape[1], *answer.shape[1:])[ends]
        given = logits[name][ends]
        if answer.is_floating_point():
            loss = loss + F.binary_cross_entropy_with_logits(given.squeeze(1), rows)
        else:
            occupied = 1.0 if name == "background" else 4.0
            each = F.cross_entropy(given.flatten(0, 1), rows.flatten(), reduction="none")
            weight = torch.where(rows.flatten() > 0, occupied, 1.0)
            loss = loss + (each * weight).mean()
            right[ends] &= (given.argmax(-1) == rows).all(1)
    return loss, (right.sum() / ends.sum()).item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=Path("build/demo-training"), help="scratch folder")
    parser.add_argument("--minutes", type=float, default=5.0, help="training time")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(2)
    rng = random.Random(2)

    tokenizer = make_tokenizer(args.work / "tokenizer")
    encode = CaptionEncoder(tokenizer)
    model, heads = new_text_encoder(tokenizer), Heads()
    parameters = [*model.parameters(), *heads.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=1e-3, betas=(0.9, 0.98), fused=True)
    print(f"vocabulary {len(tokenizer)}, {sum(p.numel() for p in model.parameters()):,} parameters")

    def run(scenes: list[world.Scene]):
        ids = torch.tensor(encode([world.caption(scene, rng) for scene in scenes]))
        ends = ids == tokenizer.eos_token_id
        with torch.autocast("cpu", torch.bfloat16):
            logits = heads(model(input_ids=ids).last_hidden_state)
        return loss_and_accuracy(logits, targets(scenes), ends)

    start, seconds, step = time.time(), args.minutes * 60, 0
    while (done := (time.time() - start) / seconds) < 1:
        loss, accuracy = run([world.training_scene(rng, 0.55) for _ in range(192)])
        take_step(loss, parameters, [optimizer], 1.5e-3 * cosine(step, done, warmup=100))
        step += 1
        if step % 50 == 0:
            print(f"{done:5.1%} step {step} loss {loss.item():.4f} all right {accuracy:.3f}", flush=True)

    model.eval()
    for name, wanted in (("reserved scenes", "reserved"), ("held-out pairs", "held_out")):
        scenes = [s for s in (world.random_scene(rng, 0.5) for _ in range(6000)) if getattr(s, wanted)][:512]
        with torch.no_grad():
            print(f"{name}: all right {run(scenes)[1]:.3f}")
    model.save_pretrained(args.work / "text_encoder")


if __name__ == "__main__":
    main()
