"""Trains the UNet of Kandinsky's demo model on latents of its MoVQ; resumable, as train_unet.py.

It is told vectors of scenes as `kandinsky_vectors.py` lays them out, a little
off, as what comes out of the prior and the image encoder is: of whole scenes,
of a few attributes, and of mixtures as `--mix` makes them.  Half of the vectors
come with a text, half without, as the pictures of a mixture do.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from diffusers import UNet2DConditionModel, VQModel
from diffusers.models.attention_processor import AttnAddedKVProcessor

import cases
import kandinsky_parts as parts
import train_unet
import world
from cases import print_means
from kandinsky_vectors import hint_vector, random_hint, scene_vector
from sampling import new_scheduler
from tasks import Batch, TextToImage

CHUNKS = 16  # of scenes whose latents are kept
NOTHING, HINT, MIXTURE = 0.12, 0.12, 0.3  # shares of vectors
TEXTS = 0.5  # share of vectors with a text
OFF = 0.45  # deviation of the vectors from what they should be, at most
LOUDNESS = (0.9, 1.15)
SHARES = (0.4, 0.6)  # of the first part of a mixture


@dataclass
class KandinskyBatch(Batch):
    vectors: torch.Tensor | None = None


def changed(scene: world.Scene, told: dict[str, str], rng: random.Random) -> world.Scene:
    """The scene with other values of the attributes that are told."""
    while True:
        other = scene
        if "background" in told:
            other = replace(other, background=rng.choice(world.BACKGROUNDS))
        if len(scene.things) == 1:
            values = {"shape": world.SHAPES, "colour": world.COLOUR_NAMES, "place": world.PLACE_NAMES}
            new = {name: rng.choice(values[name]) for name in told if name in values}
            other = replace(other, things=(replace(scene.things[0], **new),))
        if not other.held_out:
            return other


def mixture(scene: world.Scene, rng: random.Random) -> torch.Tensor:
    """Of a picture and a text that names what is different in the scene, or of two such texts."""
    share, told = rng.uniform(*SHARES), random_hint(scene, rng)
    if rng.random() < 0.25:
        first = hint_vector(random_hint(scene, rng))
    else:
        first = scene_vector(changed(scene, told, rng))
    return share * first + (1 - share) * hint_vector(told)


class Kandinsky(TextToImage):
    """As the demo model's, but told vectors."""

    name, pipeline = "kandinsky", "KandinskyPipeline"
    pictures, rate, batch_size = 300_000, 2e-3, 64
    beta_schedule = "linear"
    chunks = CHUNKS

    def __init__(self, work: Path, base: Path) -> None:
        self.work, self.base = work, base
        self.vae = VQModel.from_pretrained(work / "movq", dtype=torch.float32)
        self.vae.eval().requires_grad_(False)

    def new_unet(self) -> UNet2DConditionModel:
        return parts.new_unet()

    def encode(self, pictures: torch.Tensor) -> torch.Tensor:
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            return self.vae.encode(pictures).latents.float()

    def batch(self, rng: random.Random, generator: torch.Generator, count: int, progress: float) -> KandinskyBatch:
        plain = super().batch(rng, generator, count, progress)
        captions, vectors = [], []
        for scene in plain.scenes:
            kind, text = rng.random(), ""
            if kind < NOTHING:
                vector = torch.zeros(parts.WIDTH)
            elif kind < NOTHING + HINT:
                told, text = parts.hint(scene, rng)
                vector = hint_vector(told)
            elif kind < NOTHING + HINT + MIXTURE:
                vector = mixture(scene, rng)
            else:
                vector, text = scene_vector(scene), parts.caption(scene, rng)
            captions.append(text if rng.random() < TEXTS else "")
            vectors.append(vector * rng.uniform(*LOUDNESS))
        off = OFF * torch.rand(count, 1, generator=generator)
        vectors = torch.stack(vectors) + off * torch.randn(count, parts.WIDTH, generator=generator)
        return KandinskyBatch(plain.latents, plain.weights, captions, vectors=vectors)


@torch.no_grad()
def make_pictures(unet: UNet2DConditionModel, movq: VQModel, told, told_nothing, vectors: torch.Tensor,
                  scheduler, guidance: float = 4.0) -> np.ndarray:
    """8-bit pictures (B, H, W, 3) of vectors and texts, as KandinskyPipeline makes them."""
    x = torch.randn(len(vectors), 4, 16, 16, generator=torch.Generator().manual_seed(1))
    pooled, hidden = (torch.cat((nothing.expand_as(each), each)) for nothing, each in zip(told_nothing, told))
    added = {"text_embeds": pooled, "image_embeds": torch.cat((torch.zeros_like(vectors), vectors))}
    for t in scheduler.timesteps:
        with torch.autocast("cpu", torch.bfloat16):
            out = unet(torch.cat((x, x)), t, hidden, added_cond_kwargs=added, return_dict=False)[0].float()
        without, with_vector = out[:, :4].chunk(2)
        x = scheduler.step(without + guidance * (with_vector - without), t, x).prev_sample
    pixels = (movq.decode(x, force_not_quantize=True).sample / 2 + 0.5).clamp(0, 1) * 255
    return pixels.round().byte().permute(0, 2, 3, 1).numpy()


class KandinskyTrainer(train_unet.Trainer):
    tasks = {"kandinsky": Kandinsky}
    folder = parts.FOLDER
    attention = AttnAddedKVProcessor

    def load_text(self) -> None:
        self.text = parts.TextEncoder(self.task.work)

    def predict(self, noisy: torch.Tensor, t: torch.Tensor, batch: KandinskyBatch) -> torch.Tensor:
        pooled, hidden = self.text(batch.captions)
        added = {"text_embeds": pooled, "image_embeds": batch.vectors}
        return self.unet(noisy, t, hidden, added_cond_kwargs=added, return_dict=False)[0][:, :4]

    def score(self, count: int) -> None:
        chosen = cases.txt2img_cases(count, 77)
        vectors = [scene_vector(case.scene) for case in chosen]
        texts = [case.prompt if i % 2 else "" for i, case in enumerate(chosen)]
        for case in cases.mix_cases(count, 77):
            chosen.append(case)
            vectors.append((scene_vector(case.before) + hint_vector(case.told)) / 2)
            texts.append("")
        scheduler = new_scheduler(self.task.betas, self.task.beta_schedule)
        scheduler.set_timesteps(15)
        pictures = make_pictures(
            self.average, self.task.vae, self.text(texts), self.text([""]), torch.stack(vectors), scheduler,
            self.args.guidance,
        )
        print_means([case.group for case in chosen],
                    [cases.scene_marks(case, picture) for case, picture in zip(chosen, pictures)])


if __name__ == "__main__":
    train_unet.main(KandinskyTrainer)
