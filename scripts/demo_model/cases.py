"""What the demo models are scored on: inputs never trained on, and marks for what comes out.

Every task has a function that makes its cases from a seed, and one that marks
a picture.  The pictures may come from anywhere: the training script, diffusers
or the velatura binary.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from PIL import Image

import world
import world_ru
from judge import judge, nearest_background, nearest_colour, object_mask


_COUNTS = ("one object", "two objects")


@dataclass
class Case:
    """One picture to make."""

    group: str
    prompt: str
    scene: world.Scene  # what the picture should show
    image: np.ndarray | None = None  # 8-bit RGB that goes in
    hint: np.ndarray | None = None  # 8-bit grey: the mask or the depth map
    truth: np.ndarray | None = None  # what marks need: a picture, or masks of the things
    before: world.Scene | None = None  # what a picture that goes in shows
    told: dict[str, str] | None = None  # the attributes that the prompt names, where it names a few only


def unseen_scene(rng: random.Random, pair_share: float, held_out: bool = False) -> world.Scene:
    """A scene that the training never shows; with `held_out`, with a shape-colour pair it never shows."""
    while True:
        scene = world.random_scene(rng, pair_share)
        if scene.held_out == held_out and (held_out or scene.reserved):
            return scene


def to_bytes(pictures: torch.Tensor) -> np.ndarray:
    """Pictures (B, 3, H, W) in [0, 1] as 8-bit (B, H, W, 3)."""
    return (pictures * 255).round().byte().permute(0, 2, 3, 1).numpy()


def _other(rng: random.Random, names: tuple[str, ...], name: str) -> str:
    return rng.choice([other for other in names if other != name])


def _recoloured(scene: world.Scene, rng: random.Random) -> world.Scene:
    """The scene with all colours changed."""
    return replace(scene, things=tuple(
        replace(thing, colour=_other(rng, world.COLOUR_NAMES, thing.colour)) for thing in scene.things
    ))


def _repainted(scene: world.Scene, rng: random.Random) -> world.Scene:
    """The scene with all colours and the background changed."""
    return replace(_recoloured(scene, rng), background=_other(rng, world.BACKGROUNDS, scene.background))


def txt2img_cases(count: int, seed: int) -> list[Case]:
    rng = random.Random(seed)
    cases = []
    for pair, group in enumerate(_COUNTS):
        for _ in range(count // 2):
            scene = unseen_scene(rng, float(pair))
            cases.append(Case(group, world.caption(scene, rng), scene))
    return cases


def recolour_cases(count: int, seed: int) -> list[Case]:
    """A picture whose things lie off their usual places; the prompt asks for other colours.

    `truth` is the mask of the things.
    """
    rng = random.Random(seed)
    cases = []
    for i in range(count):
        scene = unseen_scene(rng, float(i % 2), held_out=i // 2 % 2 == 1)
        layout = world.arrange([scene], rng, size_spread=2.0)
        layout.centres += torch.tensor([rng.uniform(-8, 8), rng.uniform(-8, 8)])
        layout.centres.clamp_(12, world.SIZE - 12)
        picture, shown = world.draw([_recoloured(scene, rng)], layout)
        cases.append(Case(
            _COUNTS[i % 2], world.caption(scene, rng), scene, to_bytes(picture)[0], truth=shown[0].sum(0).numpy(),
        ))
    return cases


def replace_cases(count: int, seed: int) -> list[Case]:
    """A picture goes in and the prompt asks for quite another."""
    rng = random.Random(seed)
    cases = []
    for i in range(count):
        before, after = unseen_scene(rng, 0.5), unseen_scene(rng, float(i % 2), held_out=i // 2 % 2 == 1)
        picture, _ = world.render([before], rng)
        cases.append(Case(_COUNTS[i % 2], world.caption(after, rng), after, to_bytes(picture)[0]))
    return cases


def box_around(shown: np.ndarray, margin: int) -> np.ndarray:
    """A boolean box around where a thing is shown."""
    ys, xs = np.nonzero(shown > 0.1)
    box = np.zeros(shown.shape, dtype=bool)
    box[max(0, ys.min() - margin):ys.max() + 1 + margin, max(0, xs.min() - margin):xs.max() + 1 + margin] = True
    return box


def _half(place: str) -> np.ndarray:
    half = np.zeros((world.SIZE, world.SIZE), dtype=bool)
    middle = world.SIZE // 2
    rows, columns = {
        "left": (slice(None), slice(0, middle)), "right": (slice(None), slice(middle, None)),
        "top": (slice(0, middle), slice(None)), "bottom": (slice(middle, None), slice(None)),
    }[place]
    half[rows, columns] = True
    return half


def inpaint_cases(count: int, seed: int) -> list[Case]:
    """A thing is replaced, added or removed by painting over a box, or replaced by painting over a half."""
    rng = random.Random(seed)
    cases = []
    for i in range(count):
        group = ("replace", "add", "remove", "replace in a half")[i % 4]
        scene = unseen_scene(rng, 0.0 if group == "replace" else 1.0, held_out=i // 4 % 2 == 1)
        layout = world.arrange([scene], rng)
        changed = rng.randrange(len(scene.things))
        thing = scene.things[changed]
        things = list(scene.things)
        things[changed] = replace(
            thing, shape=_other(rng, world.SHAPES, thing.shape), colour=_other(rng, world.COLOUR_NAMES, thing.colour)
        )
        before = world.Scene(scene.background, tuple(things))
        picture, shown = world.draw([before], layout)
        shown = shown[0].numpy()
        mask = _half(thing.place) if group == "replace in a half" else box_around(shown[changed], 4)
        if group == "add":
            # What is left of the scene with the other thing alone, where it was.
            layout.centres[0, 0], layout.radii[0, 0] = layout.centres[0, 1 - changed], layout.radii[0, 1 - changed]
            picture, _ = world.draw([world.Scene(scene.background, (things[1 - changed],))], layout)
        if group == "remove":
            scene = world.Scene(scene.background, (things[1 - changed],))
        cases.append(Case(
            group, world.caption(scene, rng), scene, to_bytes(picture)[0], (mask * 255).astype(np.uint8)
        ))
    return cases


def loose_layout(scenes: list[world.Scene], rng: random.Random) -> world.Layout:
    """Things of many sizes around their places; pairs drawn together so that often one hides part of the other."""
    layout = world.arrange(scenes, rng, size_spread=3.0, place_spread=4.0)
    for i, scene in enumerate(scenes):
        layout.front[i] = rng.randrange(len(scene.things))
        if len(scene.things) == 2:
            layout.radii[i] += rng.uniform(0, 3)
            middle = layout.centres[i].mean(0)
            layout.centres[i] = middle + (layout.centres[i] - middle) * rng.uniform(0.45, 1.1)
    return layout


def depth_maps(layout: world.Layout, shown: torch.Tensor, rng: random.Random) -> torch.Tensor:
    """Depth (B, 1, H, W) in [0, 1], larger being nearer: the background at 0, what is in front at 1."""
    levels = torch.tensor([[rng.uniform(0.3, 0.75)] * 2 for _ in range(len(shown))])
    levels[torch.arange(len(shown)), layout.front] = 1.0
    return torch.einsum("bshw,bs->bhw", shown, levels).unsqueeze(1)


def depth_cases(count: int, seed: int) -> list[Case]:
    """A picture and its depth go in; the prompt asks for other colours on another background."""
    rng = random.Random(seed)
    cases = []
    for i in range(count):
        pair = i % 2
        scene = unseen_scene(rng, float(pair), held_out=i // 2 % 2 == 1)
        layout = loose_layout([scene], rng)
        picture, shown = world.draw([_repainted(scene, rng)], layout)
        depth = depth_maps(layout, shown, rng)
        cases.append(Case(
            _COUNTS[pair], world.caption(scene, rng), scene, to_bytes(picture)[0],
            (depth[0, 0] * 255).round().byte().numpy(), shown[0].numpy(),
        ))
    return cases


def smaller(picture: np.ndarray, factor: int = 4) -> np.ndarray:
    height, width = picture.shape[:2]
    return np.asarray(Image.fromarray(picture).resize((width // factor, height // factor), Image.Resampling.BICUBIC))


def enlarged(picture: np.ndarray, factor: int = 4) -> np.ndarray:
    height, width = picture.shape[:2]
    return np.asarray(Image.fromarray(picture).resize((width * factor, height * factor), Image.Resampling.BICUBIC))


def variation_cases(count: int, seed: int) -> list[Case]:
    """A picture alone goes in, another with the same in it is wanted."""
    rng = random.Random(seed)
    cases = []
    for i in range(count):
        held_out = i // 2 % 2 == 1
        scene = unseen_scene(rng, float(i % 2), held_out)
        group = _COUNTS[i % 2] + (", held-out pair" if held_out else "")
        cases.append(Case(group, "", scene, to_bytes(world.render([scene], rng)[0])[0]))
    return cases


def mix_cases(count: int, seed: int) -> list[Case]:
    """A picture and a text that names one attribute, in English or Russian; the rest is to be the picture's."""
    rng = random.Random(seed)
    values = {"colour": world.COLOUR_NAMES, "shape": world.SHAPES, "background": world.BACKGROUNDS}
    cases = []
    for i in range(count):
        name, language = list(values)[i % 3], (world, world_ru)[i // 3 % 2]
        while True:
            before = unseen_scene(rng, 0.5 if name == "background" else 0.0)
            said = before.background if name == "background" else getattr(before.things[0], name)
            value = _other(rng, values[name], said)
            if name == "background":
                scene = replace(before, background=value)
            else:
                scene = replace(before, things=(replace(before.things[0], **{name: value}),))
            if scene.held_out or scene.reserved:
                break
        told = {name: value}
        cases.append(Case(
            f"{name} of the text", language.hint(told, rng), scene, to_bytes(world.render([before], rng)[0])[0],
            before=before, told=told,
        ))
    return cases


def upscale_cases(count: int, seed: int, size: int = 256) -> list[Case]:
    """A quarter of a large render goes in, the render itself is wanted."""
    rng = random.Random(seed)
    cases = []
    for i in range(count):
        scene = unseen_scene(rng, 0.5, held_out=i % 2 == 1)
        truth = to_bytes(world.render([scene], rng, size)[0])[0]
        cases.append(Case(scene.background, world.caption(scene, rng), scene, smaller(truth), truth=truth))
    return cases


# ---------------------------------------------------------------- marks


def scene_marks(case: Case, picture: np.ndarray) -> dict[str, float]:
    return judge(picture, case.scene)


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two boolean masks."""
    return float((a & b).sum() / max((a | b).sum(), 1))


def _seen_mask(picture: np.ndarray, around: np.ndarray) -> tuple[int, np.ndarray]:
    """The background as seen outside a boolean mask, and where the picture differs from it."""
    picture = picture.astype(np.float32) / 255
    background = nearest_background(picture, ~around)
    return background, object_mask(picture, background)


def recolour_marks(case: Case, picture: np.ndarray) -> dict[str, float]:
    """For img2img at low strength: how much of the input's layout is still there, in the prompt's colours."""
    _, seen = _seen_mask(picture, case.truth > 0.02)
    marks = judge(picture, case.scene)
    return {name: marks[name] for name in ("shape", "colour", "background")} | {"IoU": overlap(seen, case.truth > 0.5)}


def inpaint_marks(case: Case, picture: np.ndarray) -> dict[str, float]:
    outside = case.hint < 128
    same = (picture[outside] == case.image[outside]).all()
    return {**judge(picture, case.scene), "outside": float(same)}


def depth_marks(case: Case, picture: np.ndarray) -> dict[str, float]:
    silhouette = case.truth.sum(0)
    background, seen = _seen_mask(picture, silhouette > 0.02)
    right = [
        nearest_colour(picture[shown > 0.9] / 255) == thing.colour
        for thing, shown in zip(case.scene.things, case.truth) if (shown > 0.9).any()
    ]
    marks = {
        "colour": float(np.mean(right)), "background": float(world.BACKGROUNDS[background] == case.scene.background),
    }
    return {**marks, "both": float(all(mark == 1 for mark in marks.values())), "IoU": overlap(seen, silhouette > 0.5)}


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    return float(-10 * np.log10(np.square((a.astype(np.float64) - b) / 255).mean() + 1e-12))


def upscale_marks(case: Case, picture: np.ndarray) -> dict[str, float]:
    made, bicubic = psnr(picture, case.truth), psnr(enlarged(case.image), case.truth)
    return {"PSNR": made, "bicubic": bicubic, "gain": made - bicubic, "better": float(made > bicubic)}


def print_means(groups: list[str], marks: list[dict[str, float]]) -> None:
    """A line for each group and one for all, with the means of the marks."""
    names = list(dict.fromkeys(groups))
    print(f"{'':28}{'n':>5}" + "".join(f"{name:>12}" for name in marks[0]))
    for name in (*names, "ALL") if len(names) > 1 else names:
        values = np.array([list(mark.values()) for group, mark in zip(groups, marks) if name in (group, "ALL")])
        print(f"{name:28}{len(values):5}" + "".join(f"{mean:12.3f}" for mean in np.nanmean(values, axis=0)))


CaseMaker = Callable[[int, int], list[Case]]
Marker = Callable[[Case, np.ndarray], dict[str, float]]
