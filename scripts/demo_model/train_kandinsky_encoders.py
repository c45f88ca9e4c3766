"""Trains an encoder of Kandinsky's demo model: of pictures, of the prior's texts, or of the UNet's.

All learn the vectors that `kandinsky_vectors.py` lays out for scenes: the one
for pictures from renders, those for texts from captions in two languages and
from texts that name a few attributes only.  A picture of nothing but the mean
colour, as which Kandinsky's pipelines keep away from nothing in particular, and
an empty text have the vector that says nothing.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import torch
import torch.nn.functional as F

import kandinsky_parts as parts
import world
from kandinsky_vectors import TABLES, hint_vector, print_marks, readings, scene_vector
from make_tokenizer import CaptionEncoder
from muon import Muon
from training import late_decline, take_step

MEAN = torch.tensor((0.48145466, 0.4578275, 0.40821073)).view(1, 3, 1, 1)
DEVIATION = torch.tensor((0.26862954, 0.26130258, 0.27577711)).view(1, 3, 1, 1)
NOTHING = 0.04  # share of pictures and of texts that say nothing
HINTS = 0.25  # share of texts that name a few attributes only
RELATIONS = ("left", "right", "top", "bottom")  # of what is named first


def loss_of(given: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Squared error, and how surely each group that the wanted vector speaks of is read from the given one."""
    loss = (given - wanted).square().mean()
    read, truth = readings(given), readings(wanted)
    for group in TABLES:
        speaks = truth[group].amax(1) > 0.5
        if speaks.any():
            target = (truth[group] * 4).softmax(1)
            loss = loss + 0.2 * (F.cross_entropy(2 * read[group], target, reduction="none") * speaks).mean()
    return loss


class Mentions(torch.nn.Module):
    """Reads from the last layer's input what a text says of two things in the order of its words.

    Where each belongs, the last layer has to make of that; all at once is learnt late or never.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(width, len(RELATIONS) + 2 * (len(world.SHAPES) + len(world.COLOUR_NAMES)))

    def loss(self, hidden: torch.Tensor, scenes: list[world.Scene], whole: list[bool]) -> torch.Tensor:
        rows = [i for i, scene in enumerate(scenes) if whole[i] and len(scene.things) == 2]
        answers = [
            [RELATIONS.index(scenes[i].things[0].place)] + [
                index for thing in scenes[i].things
                for index in (world.SHAPES.index(thing.shape), world.COLOUR_NAMES.index(thing.colour))]
            for i in rows
        ]
        widths = [len(RELATIONS)] + 2 * [len(world.SHAPES), len(world.COLOUR_NAMES)]
        given = self.linear(hidden[rows]).float().split(widths, 1)
        return sum(F.cross_entropy(each, answer) for each, answer in zip(given, torch.tensor(answers).unbind(1))) / 5


class Pictures:
    """The image encoder and renders of scenes."""

    name, count, rate, pair_share, minutes = "image_encoder", 64, 2e-3, 0.5, 6.0

    def __init__(self, work: Path) -> None:
        self.model, self.mentions = parts.new_image_encoder(), None

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
    """A text encoder, and captions of scenes; what belongs to which of two things is learnt last."""

    count, rate, pair_share, minutes = 160, 2e-3, 0.7, 2.0

    def batch(self, scenes: list[world.Scene], rng: random.Random) -> tuple[torch.Tensor, torch.Tensor]:
        texts, wanted, whole = [], [], []
        for scene in scenes:
            whole.append(False)
            if rng.random() < NOTHING:
                text, vector = "", torch.zeros_like(TABLES["size"][0])
            elif self.model.training and rng.random() < HINTS:
                told, text = parts.hint(scene, rng)
                vector = hint_vector(told)
            else:
                text, vector, whole[-1] = parts.caption(scene, rng), scene_vector(scene), True
            texts.append(text)
            wanted.append(vector)
        vectors, before = self.vectors(texts)
        self.of_mentions = self.mentions.loss(before, scenes, whole)
        return vectors, torch.stack(wanted)


class PriorTexts(Texts):
    name = "prior_text_encoder"

    def __init__(self, work: Path) -> None:
        self.tokenizer = parts.make_prior_tokenizer(work / "prior_tokenizer")
        self.encode = CaptionEncoder(self.tokenizer)
        self.model, self.mentions = parts.new_prior_text_encoder(self.tokenizer), Mentions(parts.WIDTH)

    def vectors(self, texts: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
        ids = torch.tensor(self.encode(texts))
        out = self.model(input_ids=ids, output_hidden_states=True)
        ends = (ids == self.tokenizer.eos_token_id).int().argmax(1)
        return out.text_embeds.float(), out.hidden_states[-2][torch.arange(len(ids)), ends]

    def save(self, work: Path) -> None:
        self.model.save_pretrained(work / self.name)


class UNetTexts(Texts):
    name = "text_encoder"

    def __init__(self, work: Path) -> None:
        self.tokenizer = parts.make_text_tokenizer(work / "tokenizer")
        self.model, self.mentions = parts.new_text_encoder(self.tokenizer), Mentions(parts.TEXT_WIDTH)

    def vectors(self, texts: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
        tokens = self.tokenizer(texts, padding=True, return_tensors="pt")
        mask = tokens.attention_mask.unsqueeze(2)
        hidden = self.model.transformer(
            input_ids=tokens.input_ids, attention_mask=tokens.attention_mask, output_hidden_states=True).hidden_states
        means = [(each * mask).sum(1) / mask.sum(1) for each in hidden[-2:]]
        return self.model.LinearTransformation(means[1]).float(), means[0]

    def save(self, work: Path) -> None:
        self.model.save_pretrained(work / self.name)


ENCODERS = {kind.name: kind for kind in (Pictures, PriorTexts, UNetTexts)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("encoder", choices=ENCODERS)
    parser.add_argument("--work", type=Path, default=parts.FOLDER, help="scratch folder")
    parser.add_argument("--minutes", type=float, help="processor time")
    parser.add_argument("--further", action="store_true", help="go on with the encoder that is there")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(2)
    rng = random.Random(2)
    encoder = ENCODERS[args.encoder](args.work)
    minutes = args.minutes or encoder.minutes
    if args.further:
        encoder.model = type(encoder.model).from_pretrained(
            args.work / encoder.name, dtype=torch.float32, attn_implementation="eager")
    model = encoder.model
    model.train()
    named = list(model.named_parameters())
    inner = [p for name, p in named if p.dim() == 2 and "embedding" not in name and "pooler" not in name]
    others = [p for name, p in named if not any(p is each for each in inner)]
    others += encoder.mentions.parameters() if encoder.mentions else []
    optimizers = (Muon(inner, lr=encoder.rate), torch.optim.AdamW(others, lr=encoder.rate, betas=(0.9, 0.98)))
    for name, parameter in named:
        if "pooler" in name:
            parameter.requires_grad_(False)

    began, step = time.process_time(), 0
    while (done := (time.process_time() - began) / (minutes * 60)) < 1:
        with torch.autocast("cpu", torch.bfloat16):
            given, wanted = encoder.batch([world.training_scene(rng, encoder.pair_share) for _ in range(encoder.count)], rng)
        loss = loss_of(given, wanted) + (0.2 * encoder.of_mentions if encoder.mentions else 0)
        take_step(loss, model.parameters(), optimizers, encoder.rate * late_decline(step, done))
        step += 1
        if step % 100 == 0:
            error = (given - wanted).square().mean()
            print(f"{done:5.1%} step {step} loss {loss.item():.4f} error {error.item():.4f}"
                  + (f" mentions {encoder.of_mentions.item():.3f}" if encoder.mentions else ""), flush=True)
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
