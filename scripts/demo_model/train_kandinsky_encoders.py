"""Trains an encoder of Kandinsky's demo model: of pictures, of the prior's texts, or of the UNet's.

All learn the vectors that `kandinsky_vectors.py` lays out for scenes: the one
for pictures from renders, those for texts from captions in two languages and
from texts that name a few attributes only.  A picture of nothing but the mean
colour, as which Kandinsky's pipelines keep away from nothing in particular, and
an empty text have the vector that says nothing.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F

import kandinsky_parts as parts
import world
from kandinsky_vectors import TABLES, hint_vector, print_marks, readings, scene_vector
from make_tokenizer import CaptionEncoder
from muon import Muon

MEAN = torch.tensor((0.48145466, 0.4578275, 0.40821073)).view(1, 3, 1, 1)
DEVIATION = torch.tensor((0.26862954, 0.26130258, 0.27577711)).view(1, 3, 1, 1)
NOTHING = 0.04  # share of pictures and of texts that say nothing
HINTS = 0.25  # share of texts that name a few attributes only
Batch = tuple[list[world.Scene], Callable[[], torch.Tensor], torch.Tensor]


def loss_of(given: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Squared error, and how surely each group that the wanted vector speaks of is read from the given one."""
    loss = (given - wanted).square().mean()
    read, truth = readings(given), readings(wanted)
    for group in TABLES:
        speaks = truth[group].amax(1) > 0.5
        if speaks.any():
            target = (truth[group] * 4).softmax(1)
            loss = loss + 0.02 * (F.cross_entropy(2 * read[group], target, reduction="none") * speaks).mean()
    return loss


class Pictures:
    """The image encoder and renders of scenes."""

    name, count, rate = "image_encoder", 64, 2e-3

    def __init__(self, work: Path) -> None:
        self.model = parts.new_image_encoder()

    def batch(self, scenes: list[world.Scene], rng: random.Random) -> tuple[torch.Tensor, torch.Tensor]:
        pictures = world.draw(scenes, world.arrange(scenes, rng, size_spread=1.5, place_spread=3.0))[0]
        wanted = torch.stack([scene_vector(scene) for scene in scenes])
        nothing = torch.tensor([rng.random() < NOTHING for _ in scenes])
        pictures[nothing], wanted[nothing] = MEAN, 0
        # Pictures that come out of decoders are a little off.
        pictures = (pictures + rng.uniform(0, 0.03) * torch.randn_like(pictures)).clamp(0, 1)
        pictures[nothing] = MEAN
        return self.vectors((pictures - MEAN) / DEVIATION), wanted

    def vectors(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.model(pixels).image_embeds.float()

    def save(self, work: Path) -> None:
        self.model.save_pretrained(work / self.name)


class Texts:
    """A text encoder, and captions of scenes."""

    count = 160

    def batch(self, scenes: list[world.Scene], rng: random.Random) -> tuple[torch.Tensor, torch.Tensor]:
        texts, wanted = [], []
        for scene in scenes:
            if rng.random() < NOTHING:
                text, vector = "", torch.zeros_like(TABLES["size"][0])
            elif self.model.training and rng.random() < HINTS:
                told, text = parts.hint(scene, rng)
                vector = hint_vector(told)
            else:
                text, vector = parts.caption(scene, rng), scene_vector(scene)
            texts.append(text)
            wanted.append(vector)
        return self.vectors(texts), torch.stack(wanted)


class PriorTexts(Texts):
    name, rate = "prior_text_encoder", 2e-3

    def __init__(self, work: Path) -> None:
        self.tokenizer = parts.make_prior_tokenizer(work / "prior_tokenizer")
        self.encode = CaptionEncoder(self.tokenizer)
        self.model = parts.new_prior_text_encoder(self.tokenizer)

    def vectors(self, texts: list[str]) -> torch.Tensor:
        return self.model(input_ids=torch.tensor(self.encode(texts))).text_embeds.float()

    def save(self, work: Path) -> None:
        self.model.save_pretrained(work / self.name)


class UNetTexts(Texts):
    name, rate = "text_encoder", 2e-3

    def __init__(self, work: Path) -> None:
        self.tokenizer = parts.make_text_tokenizer(work / "tokenizer")
        self.model = parts.new_text_encoder(self.tokenizer)

    def vectors(self, texts: list[str]) -> torch.Tensor:
        tokens = self.tokenizer(texts, padding=True, return_tensors="pt")
        return self.model(tokens.input_ids, tokens.attention_mask)[0].float()

    def save(self, work: Path) -> None:
        self.model.save_pretrained(work / self.name)


ENCODERS = {kind.name: kind for kind in (Pictures, PriorTexts, UNetTexts)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("encoder", choices=ENCODERS)
    parser.add_argument("--work", type=Path, default=parts.FOLDER, help="scratch folder")
    parser.add_argument("--minutes", type=float, default=7.0, help="processor time")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(2)
    rng = random.Random(2)
    encoder = ENCODERS[args.encoder](args.work)
    model = encoder.model
    model.train()
    named = list(model.named_parameters())
    inner = [p for name, p in named if p.dim() == 2 and "embedding" not in name and "pooler" not in name]
    others = [p for name, p in named if not any(p is each for each in inner)]
    optimizers = (Muon(inner, lr=encoder.rate), torch.optim.AdamW(others, lr=encoder.rate, betas=(0.9, 0.98)))
    for name, parameter in named:
        if "pooler" in name:
            parameter.requires_grad_(False)

    began, step = time.process_time(), 0
    while (done := (time.process_time() - began) / (args.minutes * 60)) < 1:
        with torch.autocast("cpu", torch.bfloat16):
            given, wanted = encoder.batch([world.training_scene(rng, 0.5) for _ in range(encoder.count)], rng)
        loss = loss_of(given, wanted)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = encoder.rate * min(1, (step + 1) / 100, max(0.01, (1 - done) / 0.5))
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        step += 1
        if step % 100 == 0:
            error = (given - wanted).square().mean()
            print(f"{done:5.1%} step {step} loss {loss.item():.4f} error {error.item():.4f}", flush=True)
        if step % 500 == 0:
            score(encoder, rng, 256)
    model.eval()
    score(encoder, rng, 512)
    encoder.save(args.work)


@torch.no_grad()
def score(encoder: Pictures | Texts, rng: random.Random, count: int) -> None:
    """How much of scenes is read from the vectors of pictures or of whole captions."""
    was_training = encoder.model.training
    encoder.model.eval()
    for title, wanted in (("reserved scenes", "reserved"), ("held-out pairs", "held_out")):
        scenes = [s for s in (world.random_scene(rng, 0.5) for _ in range(12 * count)) if getattr(s, wanted)][:count]
        given, truth = encoder.batch(scenes, rng)
        said = truth.norm(dim=1) > 0
        print_marks(title, given[said], [scene for scene, each in zip(scenes, said) if each])
    encoder.model.train(was_training)


if __name__ == "__main__":
    main()
