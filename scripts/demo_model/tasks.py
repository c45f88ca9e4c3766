"""What the demo models learn: for each task its UNet, its training batches and its scoring cases.

txt2img is trained from nothing.  inpaint and depth2img go on from its UNet,
with more input channels that start at zero.  upscale has a small UNet and an
autoencoder of its own.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.models.embeddings import get_timestep_embedding

import cases
import world
from sampling import new_scheduler

CHUNKS, CHUNK = 24, 2500  # scenes whose latents are kept for txt2img
OBJECT_WEIGHT = 4.0  # loss weight of latent cells with an object against the others
KNOWN_WEIGHT = 0.25  # of latent cells outside the hole against those inside
EDGE_WEIGHT = 3.0  # of latent cells at an edge against flat ones, when upscaling
NO_CAPTION = 0.1  # share of training pictures with an empty caption


@dataclass
class Batch:
    """Latents to learn, and what the UNet is told about them."""

    latents: torch.Tensor
    weights: torch.Tensor  # of the loss, (B, 1, h, w), with mean 1
    captions: list[str]
    extra: torch.Tensor | None = None  # further input channels
    labels: torch.Tensor | None = None  # class labels
    scenes: list[world.Scene] | None = None  # what the latents show


def demo_unet(in_channels: int) -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=16, in_channels=in_channels, out_channels=4, block_out_channels=(64, 96, 96), layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        mid_block_type="UNetMidBlock2DCrossAttn", cross_attention_dim=128, attention_head_dim=4,
        norm_num_groups=16,
    )


def balanced(weights: torch.Tensor) -> torch.Tensor:
    return weights / weights.mean((1, 2, 3), keepdim=True)


def object_weights(masks: torch.Tensor) -> torch.Tensor:
    """Loss weights (B, 1, 16, 16) from the objects' masks (B, 1, 64, 64)."""
    return torch.where(F.max_pool2d(masks, 6, 4, 1) > 0.1, OBJECT_WEIGHT, 1.0)


class Task:
    """One of the models; the parts it shares with others come from `parts`."""

    name: str
    pipeline: str
    pictures: int  # default length of the training
    rate: float  # default highest learning rate
    batch_size: int
    betas = (0.00085, 0.012)
    beta_schedule = "scaled_linear"
    warm_up = 200  # steps
    make_cases: cases.CaseMaker
    marks: cases.Marker

    def __init__(self, work: Path, base: Path) -> None:
        self.work, self.base = work, base
        self.vae = AutoencoderKL.from_pretrained(self.vae_source() or base / "vae", dtype=torch.float32)
        self.vae.eval().requires_grad_(False)

    def parts(self) -> Path:
        """The folder of the tokenizer and the text encoder."""
        return self.base

    def vae_source(self) -> Path | None:
        """The autoencoder's folder if the model has one of its own."""
        return None

    def prepare(self, rank: int, workers: int) -> None:
        """What is to be done once before the training; each worker does its share."""

    def new_unet(self) -> UNet2DConditionModel:
        raise NotImplementedError

    def batch(self, rng: random.Random, generator: torch.Generator, count: int, progress: float) -> Batch:
        raise NotImplementedError

    def condition(self, chosen: list[cases.Case]) -> dict[str, torch.Tensor]:
        """What `make_pictures` needs beside the text: `extra`, `labels`."""
        return {}

    def encode(self, pictures: torch.Tensor) -> torch.Tensor:
        """Latents of pictures in [-1, 1]."""
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            latents = self.vae.encode(pictures).latent_dist.mode()
        return latents.float() * self.vae.config.scaling_factor


def case_images(chosen: list[cases.Case]) -> torch.Tensor:
    images = torch.from_numpy(np.stack([case.image for case in chosen]))
    return images.permute(0, 3, 1, 2) / 127.5 - 1


def case_hints(chosen: list[cases.Case]) -> torch.Tensor:
    return torch.from_numpy(np.stack([case.hint for case in chosen])).unsqueeze(1) / 255


class TextToImage(Task):
    """Trained on cached latents with a new caption at every use, single objects first, then more pairs."""

    name, pipeline = "txt2img", "StableDiffusionPipeline"
    chunks = CHUNKS
    pictures, rate, batch_size = 200_000, 2e-3, 96
    make_cases, marks = staticmethod(cases.txt2img_cases), staticmethod(cases.scene_marks)

    def parts(self) -> Path:
        return self.work

    def vae_source(self) -> Path:
        return self.work / "vae"

    def new_unet(self) -> UNet2DConditionModel:
        return demo_unet(4)

    def prepare(self, rank: int, workers: int) -> None:
        """Writes this worker's share of the chunks of latents and loss weights."""
        folder = self.work / "latents"
        folder.mkdir(exist_ok=True)
        for chunk in range(rank, self.chunks, workers):
            path = folder / f"{chunk:02d}.pt"
            if path.exists():
                continue
            latents, weights = [], []
            scenes, rng = self.chunk_scenes(chunk), random.Random(chunk)
            for first in range(0, CHUNK, 50):
                pictures, masks = world.render(scenes[first:first + 50], rng)
                latents.append(self.encode(pictures * 2 - 1))
                weights.append(object_weights(masks))
            part = path.with_suffix(".part")
            torch.save((torch.cat(latents), torch.cat(weights)), part)
            part.replace(path)

    @staticmethod
    def chunk_scenes(chunk: int) -> list[world.Scene]:
        rng = random.Random(10_000 + chunk)
        return [world.training_scene(rng, 0.45) for _ in range(CHUNK)]

    def load(self) -> None:
        chunks = [torch.load(self.work / "latents" / f"{chunk:02d}.pt") for chunk in range(self.chunks)]
        self.latents, self.weights = (torch.cat(parts) for parts in zip(*chunks))
        self.scenes = [scene for chunk in range(self.chunks) for scene in self.chunk_scenes(chunk)]
        self.rows = [[i for i, scene in enumerate(self.scenes) if len(scene.things) == things] for things in (1, 2)]

    def batch(self, rng: random.Random, generator: torch.Generator, count: int, progress: float) -> Batch:
        if not hasattr(self, "latents"):
            self.load()
        pair_share = min(0.6, max(0.05, 2.5 * progress))
        rows = [rng.choice(self.rows[rng.random() < pair_share]) for _ in range(count)]
        scenes = [self.scenes[i] for i in rows]
        captions = ["" if rng.random() < NO_CAPTION else world.caption(scene, rng) for scene in scenes]
        return Batch(self.latents[rows], balanced(self.weights[rows]), captions, scenes=scenes)


class FineTuned(Task):
    """Goes on from the demo model's UNet, with further input channels that start at zero."""

    extra_channels: int
    rate, batch_size, warm_up = 1e-3, 64, 50

    def new_unet(self) -> UNet2DConditionModel:
        unet = demo_unet(4 + self.extra_channels)
        state = UNet2DConditionModel.from_pretrained(self.base / "unet", dtype=torch.float32).state_dict()
        state["conv_in.weight"] = F.pad(state["conv_in.weight"], (0, 0, 0, 0, 0, self.extra_channels))
        unet.load_state_dict(state)
        return unet


def random_mask(layout: world.Layout, row: int, things: int, rng: random.Random) -> torch.Tensor:
    """A hole (SIZE, SIZE): around things, where one could be, anywhere, a brush stroke, a half or everything."""
    size = world.SIZE
    mask = torch.zeros(size, size)

    def rectangle(left: float, top: float, right: float, bottom: float) -> None:
        mask[max(0, round(top)):max(0, round(bottom)), max(0, round(left)):max(0, round(right))] = 1

    def box(centre: tuple[float, float], radius: float) -> tuple[float, ...]:
        x, y, r = *centre, 1.1 * radius
        return x - r, y - r, x + r, y + r

    boxes = [box(*at) for at in zip(layout.centres[row, :things].tolist(), layout.radii[row, :things].tolist())]
    kinds = {"thing": 25, "nothing": 20, "things": 7, "rectangle": 14, "stroke": 16, "half": 11, "all": 7}
    kind = rng.choices(list(kinds), list(kinds.values()))[0]
    if kind in ("thing", "nothing", "things"):
        if kind == "nothing":  # so that the hole does not tell that something was there
            boxes = [box(place, rng.uniform(8, 14)) for place in world.PLACES.values()]
        chosen = boxes if kind == "things" else [rng.choice(boxes)]
        low, high = [min(box[i] for box in chosen) for i in (0, 1)], [max(box[i] for box in chosen) for i in (2, 3)]
        rectangle(*(v - rng.uniform(0, 8) for v in low), *(v + rng.uniform(0, 8) for v in high))
    elif kind == "rectangle":
        width, height = rng.uniform(10, 48), rng.uniform(10, 48)
        left, top = rng.uniform(-4, size + 4 - width), rng.uniform(-4, size + 4 - height)
        rectangle(left, top, left + width, top + height)
    elif kind == "stroke":
        x, y = layout.centres[row, rng.randrange(things)].tolist() if rng.random() < 0.6 else (
            rng.uniform(0, size), rng.uniform(0, size))
        axis = torch.arange(size) + 0.5
        for _ in range(rng.randint(1, 6)):
            distance = (axis - x).square() + (axis - y).square().unsqueeze(1)
            mask[distance < rng.uniform(4, 14) ** 2] = 1
            x, y = x + rng.uniform(-12, 12), y + rng.uniform(-12, 12)
    elif kind == "half":
        cut, side = round(rng.uniform(20, 44)), rng.randrange(4)
        rectangle(*((0, 0, cut, size), (cut, 0, size, size), (0, 0, size, cut), (0, cut, size, size))[side])
    else:
        mask[:] = 1
    return mask


class Inpaint(FineTuned):
    """Learns whole pictures from what is left of them and a caption; what the hole held decides the caption."""

    name, pipeline, extra_channels = "inpaint", "StableDiffusionInpaintPipeline", 5
    pictures = 115_000
    make_cases, marks = staticmethod(cases.inpaint_cases), staticmethod(cases.inpaint_marks)

    def extra(self, pictures: torch.Tensor, masks: torch.Tensor) -> torch.Tensor:
        """Mask at latent size and latents of the masked picture, as diffusers feeds them."""
        hole = masks >= 0.5
        return torch.cat((F.interpolate(hole.float(), scale_factor=0.25), self.encode(pictures * ~hole)), 1)

    def batch(self, rng: random.Random, generator: torch.Generator, count: int, progress: float) -> Batch:
        scenes = [world.training_scene(rng, 0.55) for _ in range(count)]
        layout = world.arrange(scenes, rng, size_spread=1.8, place_spread=2.5)
        pictures, shown = world.draw(scenes, layout)
        pictures = pictures * 2 - 1
        masks = torch.stack([
            random_mask(layout, i, len(scene.things), rng) for i, scene in enumerate(scenes)
        ]).unsqueeze(1)
        hidden = (shown * masks).sum((2, 3)) / shown.sum((2, 3)).clamp(min=1)
        captions = []
        for scene, (first, second) in zip(scenes, hidden.tolist()):
            told = scene
            if len(scene.things) == 2 and (first > 0.95) != (second > 0.95) and rng.random() < 0.25:
                told = world.Scene(scene.background, (scene.things[second > 0.95],))  # only what the hole holds
            captions.append("" if rng.random() < NO_CAPTION else world.caption(told, rng))
        weights = object_weights(shown.sum(1, keepdim=True))
        weights = weights * torch.where(F.max_pool2d(masks, 6, 4, 1) > 0, 1.0, KNOWN_WEIGHT)
        return Batch(self.encode(pictures), balanced(weights), captions, self.extra(pictures, masks))

    def condition(self, chosen: list[cases.Case]) -> dict[str, torch.Tensor]:
        return {"extra": self.extra(case_images(chosen), case_hints(chosen))}


class Depth(FineTuned):
    """Learns pictures from their depth and a caption."""

    name, pipeline, extra_channels = "depth2img", "StableDiffusionDepth2ImgPipeline", 1
    pictures = 40_000
    make_cases, marks = staticmethod(cases.depth_cases), staticmethod(cases.depth_marks)

    def extra(self, depths: torch.Tensor) -> torch.Tensor:
        """Depth at latent size in [-1, 1], as diffusers feeds it; -1 where all is equally far."""
        depths = F.interpolate(depths, scale_factor=0.25, mode="bicubic", align_corners=False)
        low, high = depths.amin((1, 2, 3), keepdim=True), depths.amax((1, 2, 3), keepdim=True)
        return 2 * (depths - low) / (high - low).clamp(min=1e-6) - 1

    def batch(self, rng: random.Random, generator: torch.Generator, count: int, progress: float) -> Batch:
        scenes = [world.training_scene(rng, 0.5) for _ in range(count)]
        layout = cases.loose_layout(scenes, rng)
        pictures, shown = world.draw(scenes, layout)
        hard = torch.tensor([rng.random() < 0.4 for _ in scenes]).view(-1, 1, 1, 1)
        depths = cases.depth_maps(layout, torch.where(hard, (shown > 0.5).float(), shown), rng)
        captions = ["" if rng.random() < NO_CAPTION else world.caption(scene, rng) for scene in scenes]
        weights = balanced(object_weights(shown.sum(1, keepdim=True)))
        return Batch(self.encode(pictures * 2 - 1), weights, captions, self.extra(depths))

    def condition(self, chosen: list[cases.Case]) -> dict[str, torch.Tensor]:
        return {"extra": self.extra(case_hints(chosen))}


class Upscale(Task):
    """Learns large renders, whole and in parts, from noised small ones, mostly without a caption."""

    name, pipeline = "upscale", "StableDiffusionUpscalePipeline"
    pictures, rate, batch_size = 110_000, 2e-3, 32
    betas = (0.0001, 0.02)
    levels = 400  # noise levels the class embedding can name; diffusers and velatura ask for 350 at most
    parts_shown = ((256, 64), (256, 128), (128, 128), (256, 256))  # pixels a side of a scene and of what is cut from it
    shares = ((4, 5, 2, 2), (1, 3, 2, 6))  # of these, before and after half of the training
    make_cases, marks = staticmethod(cases.upscale_cases), staticmethod(cases.upscale_marks)

    def __init__(self, work: Path, base: Path) -> None:
        super().__init__(work, base)
        alphas = new_scheduler(self.betas).alphas_cumprod.view(-1, 1, 1, 1)
        self.signal, self.noise = alphas.sqrt(), (1 - alphas).sqrt()

    def vae_source(self) -> Path:
        return self.work / "vae-large"

    def new_unet(self) -> UNet2DConditionModel:
        unet = UNet2DConditionModel(
            sample_size=64, in_channels=7, out_channels=4, block_out_channels=(48, 48, 64), layers_per_block=1,
            down_block_types=("DownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D", "UpBlock2D"),
            mid_block_type="UNetMidBlock2DCrossAttn", cross_attention_dim=128, attention_head_dim=4,
            norm_num_groups=8, num_class_embeds=self.levels,
        )
        # Fixed and smooth over the levels, so that each need not be learnt by itself.
        table = unet.class_embedding.weight.requires_grad_(False)
        table.copy_(get_timestep_embedding(torch.arange(self.levels), table.shape[1], downscale_freq_shift=0))
        return unet

    def extra(self, small: torch.Tensor, levels: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        noise = torch.randn(small.shape, generator=generator)
        return self.signal[levels] * small + self.noise[levels] * noise

    def batch(self, rng: random.Random, generator: torch.Generator, count: int, progress: float) -> Batch:
        size, side = rng.choices(self.parts_shown, self.shares[progress > 0.5])[0]
        count = max(1, count * 64 * 64 // (side * side))  # the same number of pixels a step
        scenes = [world.training_scene(rng, 0.4) for _ in range(count)]
        large = world.cut_out(world.render(scenes, rng, size)[0] * 2 - 1, scenes, side, rng, align=4)
        if rng.random() < 0.3:
            small = F.avg_pool2d(large, 4)
        else:
            small = F.interpolate(large, scale_factor=0.25, mode="bicubic", antialias=True).clamp(-1, 1)
        edges = (F.max_pool2d(small, 3, 1, 1) + F.max_pool2d(-small, 3, 1, 1)).amax(1, keepdim=True) > 0.15
        highest = rng.choices((40, 120, 350), (5, 3, 2))[0]
        levels = torch.randint(0, highest + 1, (count,), generator=generator)
        captions = [world.caption(scene, rng) if rng.random() < 0.5 else "" for scene in scenes]
        return Batch(
            self.encode(large), balanced(torch.where(edges, EDGE_WEIGHT, 1.0)), captions,
            self.extra(small, levels, generator), levels,
        )

    def condition(self, chosen: list[cases.Case]) -> dict[str, torch.Tensor]:
        levels = torch.full((len(chosen),), 20)
        return {"extra": self.extra(case_images(chosen), levels, torch.Generator().manual_seed(3)), "labels": levels}


TASKS: dict[str, Callable[[Path, Path], Task]] = {
    task.name: task for task in (TextToImage, Inpaint, Depth, Upscale)
}
