"""The small world that the demo model knows: scenes, pictures and captions.

A scene is a background with one object at one of nine places, or with two
objects beside or above one another.  Everything is drawn from a seeded
`random.Random`, so training and scoring can rebuild the same scenes.

Two kinds of scenes are kept out of the training:
* the shape-colour pairs in HELD_OUT, in single scenes and in pairs;
* one scene in ten, chosen by a hash of its description.
"""

from __future__ import annotations

import hashlib
import math
import random
from dataclasses import dataclass
from functools import lru_cache

import torch
import torch.nn.functional as F

SIZE = 64  # pixels a side

SHAPES = ("circle", "square", "triangle", "star", "ring", "cross", "heart", "diamond")
COLOURS = {
    "red": (222, 32, 32),
    "orange": (250, 132, 16),
    "yellow": (252, 222, 40),
    "green": (36, 160, 60),
    "blue": (36, 64, 220),
    "purple": (132, 44, 176),
    "pink": (250, 128, 196),
    "brown": (124, 72, 28),
}
COLOUR_NAMES = tuple(COLOURS)
BACKGROUNDS = ("white", "black", "grey", "sky", "sunset", "checkered")
SIZES = {"small": 9.0, "medium": 12.5, "large": 15.5}
PAIR_RADIUS = 11.0
SIZE_SPREAD = 0.7  # how far radii are from the ones named here, at most
PLACE_SPREAD = 1.5  # the same for centres, along each axis

# Centres of the nine places, in pixels.
_LOW, _MID, _HIGH = 16.5, 32.0, 47.5
PLACES = {
    "top left": (_LOW, _LOW), "top": (_MID, _LOW), "top right": (_HIGH, _LOW),
    "left": (_LOW, _MID), "center": (_MID, _MID), "right": (_HIGH, _MID),
    "bottom left": (_LOW, _HIGH), "bottom": (_MID, _HIGH), "bottom right": (_HIGH, _HIGH),
}
PLACE_NAMES = tuple(PLACES)

# Each shape and each colour is held out exactly once.
HELD_OUT = frozenset(
    (shape, COLOUR_NAMES[(3 * i + 2) % len(COLOUR_NAMES)]) for i, shape in enumerate(SHAPES)
)


@dataclass(frozen=True)
class Thing:
    """One object of a scene."""

    shape: str
    colour: str
    place: str
    size: str = "medium"


@dataclass(frozen=True)
class Scene:
    """A background and one or two things; `things[0]` is named first."""

    background: str
    things: tuple[Thing, ...]

    @property
    def held_out(self) -> bool:
        """True when a shape-colour pair is one the training never shows."""
        return any((thing.shape, thing.colour) in HELD_OUT for thing in self.things)

    @property
    def reserved(self) -> bool:
        """True for the scenes kept for scoring although all their pairs are known."""
        things = sorted(self.things, key=lambda thing: thing.place)
        return hashlib.sha256(repr((self.background, things)).encode()).digest()[0] < 26


def random_scene(rng: random.Random, pair_share: float) -> Scene:
    """Draws a scene; the caller filters by `held_out` and `reserved`."""
    background = rng.choice(BACKGROUNDS)
    if rng.random() < pair_share:
        places = rng.choice((("left", "right"), ("right", "left"), ("top", "bottom"), ("bottom", "top")))
        sizes = ("medium", "medium")
    else:
        places = (rng.choice(PLACE_NAMES),)
        sizes = (rng.choices(tuple(SIZES), (1, 3, 1))[0],)
    things = tuple(
        Thing(rng.choice(SHAPES), rng.choice(COLOUR_NAMES), place, size) for place, size in zip(places, sizes)
    )
    if len(things) == 2 and things[0].shape == things[1].shape and things[0].colour == things[1].colour:
        return random_scene(rng, pair_share)
    return Scene(background, things)


def training_scene(rng: random.Random, pair_share: float) -> Scene:
    """Draws a scene that the training may show."""
    while True:
        scene = random_scene(rng, pair_share)
        if not scene.held_out and not scene.reserved:
            return scene


# ---------------------------------------------------------------- captions

_BACKGROUND_PHRASES = {
    "white": ("on a white background", "on white", "with a white background", "against a white background"),
    "black": ("on a black background", "on black", "with a black background", "against a black background"),
    "grey": ("on a grey background", "on a gray background", "on grey", "with a grey background"),
    "sky": ("on a sky background", "in the sky", "in a blue sky", "against the sky"),
    "sunset": ("on a sunset background", "at sunset", "in front of a sunset", "against a sunset sky"),
    "checkered": (
        "on a checkered background", "on a checkerboard", "with a checkered background",
        "against a checkered background",
    ),
}
_SIZE_WORDS = {"small": ("small", "little", "tiny"), "medium": ("",), "large": ("large", "big", "huge")}
_OPENINGS = ("", "", "", "a picture of ", "a drawing of ", "an image of ")


def _article(words: str) -> str:
    return ("an " if words[0] in "aeiou" else "a ") + words


def _noun(thing: Thing, rng: random.Random) -> str:
    words = (rng.choice(_SIZE_WORDS[thing.size]), thing.colour, thing.shape)
    return _article(" ".join(word for word in words if word))


def _place_phrase(place: str, rng: random.Random) -> str:
    if place == "center":
        return rng.choice(("", "", "in the center", "in the middle", "in the centre"))
    if " " in place:
        return rng.choice(("in the {} corner", "in the {}", "at the {}", "{}")).format(place)
    if place in ("left", "right"):
        return rng.choice(("on the {}", "at the {}", "on the {} side", "to the {}")).format(place)
    return rng.choice(("at the {}", "on the {}", "at the {} edge")).format(place)


def _single_caption(thing: Thing, rng: random.Random) -> str:
    return f"{_noun(thing, rng)} {_place_phrase(thing.place, rng)}".strip()


def _pair_caption(first: Thing, second: Thing, rng: random.Random) -> str:
    a, b = _noun(first, rng), _noun(second, rng)
    relations = {
        "left": ("{a} left of {b}", "{a} to the left of {b}", "{a} on the left and {b} on the right",
                 "{a} and {b}", "{a} next to {b}", "{a} with {b} on the right"),
        "right": ("{a} right of {b}", "{a} to the right of {b}", "{a} on the right and {b} on the left",
                  "{a} with {b} on the left"),
        "top": ("{a} above {b}", "{a} over {b}", "{a} on top of {b}", "{a} at the top and {b} at the bottom"),
        "bottom": ("{a} below {b}", "{a} under {b}", "{a} beneath {b}", "{a} at the bottom and {b} at the top"),
    }
    return rng.choice(relations[first.place]).format(a=a, b=b)


def caption(scene: Scene, rng: random.Random) -> str:
    """One of the many sentences for a scene; a white background may stay unsaid."""
    body = (
        _single_caption(scene.things[0], rng) if len(scene.things) == 1 else _pair_caption(*scene.things, rng)
    )
    return background_said(scene, body, _BACKGROUND_PHRASES, _OPENINGS, rng)


def background_said(scene: Scene, body: str, phrases: dict[str, tuple[str, ...]], openings: tuple[str, ...],
                    rng: random.Random) -> str:
    """The sentence `body` with the background before or behind it, or with a white one unsaid."""
    background = rng.choice(phrases[scene.background])
    if scene.background == "white" and rng.random() < 0.4:
        return rng.choice(openings) + body
    order = rng.random()
    if order < 0.15:
        return f"{background}, {body}"
    comma = "," if order < 0.3 else ""
    return f"{rng.choice(openings)}{body}{comma} {background}"


def hint(told: dict[str, str], rng: random.Random) -> str:
    """A text that names a few attributes only: a shape, a colour or neither, a place, a background."""
    if "shape" in told:
        body = _article(told["shape"])
    elif "colour" in told:
        article = _article(told["colour"])
        body = rng.choice((f"something {told['colour']}", f"{article} thing", f"{article} object", told["colour"]))
    else:
        body = rng.choice(("", "something")) if told.keys() == {"background"} else "something"
    place = _place_phrase(told["place"], rng) if "place" in told else ""
    background = rng.choice(_BACKGROUND_PHRASES[told["background"]]) if "background" in told else ""
    return " ".join(part for part in (body, place, background) if part)


def names_place(scene: Scene, text: str) -> bool:
    """Whether the caption tells where its things are (an unsaid place is the centre)."""
    thing = scene.things[0]
    return len(scene.things) == 2 or thing.place != "center" or "center" in text or "centre" in text or "middle" in text


# ---------------------------------------------------------------- pictures


def _polygons() -> dict[str, list[tuple[float, float]]]:
    """Outlines in units of the object's radius, y downwards."""

    def around(count: int, radii: tuple[float, ...], turn: float = -math.pi / 2) -> list[tuple[float, float]]:
        return [
            (radii[i % len(radii)] * math.cos(turn + 2 * math.pi * i / count),
             radii[i % len(radii)] * math.sin(turn + 2 * math.pi * i / count))
            for i in range(count)
        ]

    heart = []
    for i in range(64):
        angle = 2 * math.pi * i / 64
        x = 16 * math.sin(angle) ** 3
        y = 13 * math.cos(angle) - 5 * math.cos(2 * angle) - 2 * math.cos(3 * angle) - math.cos(4 * angle)
        heart.append((x / 16.0, -(y + 2.5) / 15.0))
    bar = 0.36
    return {
        "square": [(-0.86, -0.86), (0.86, -0.86), (0.86, 0.86), (-0.86, 0.86)],
        "triangle": [(0.0, -0.98), (1.06, 0.86), (-1.06, 0.86)],
        "star": [(x, y + 0.06) for x, y in around(10, (1.12, 0.46))],
        "cross": [(-bar, -1), (bar, -1), (bar, -bar), (1, -bar), (1, bar), (bar, bar), (bar, 1), (-bar, 1),
                  (-bar, bar), (-1, bar), (-1, -bar), (-bar, -bar)],
        "heart": heart,
        "diamond": [(0.0, -1.1), (0.74, 0.0), (0.0, 1.1), (-0.74, 0.0)],
    }


def _polygon_distance(points: torch.Tensor, outline: list[tuple[float, float]]) -> torch.Tensor:
    """Signed distance of (N, 2) points to a polygon, negative inside."""
    a = torch.tensor(outline, dtype=torch.float32)
    b = a.roll(-1, 0)
    edge = b - a
    rel = points[:, None] - a
    along = ((rel * edge).sum(-1) / (edge * edge).sum(-1)).clamp(0, 1)
    distance = (rel - along[..., None] * edge).norm(dim=-1).amin(1)
    spans = (a[:, 1] > points[:, None, 1]) != (b[:, 1] > points[:, None, 1])
    crossing = a[:, 0] + (points[:, None, 1] - a[:, 1]) * edge[:, 0] / torch.where(edge[:, 1] == 0, 1e-9, edge[:, 1])
    inside = (spans & (points[:, None, 0] < crossing)).sum(1) % 2 == 1
    return torch.where(inside, -distance, distance)


_TABLE_EXTENT = 1.6  # the distance tables cover [-1.6, 1.6] radii
_TABLE_SIZE = 193


def _distance_tables() -> torch.Tensor:
    axis = torch.linspace(-_TABLE_EXTENT, _TABLE_EXTENT, _TABLE_SIZE)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    points = torch.stack((x.flatten(), y.flatten()), 1)
    polygons = _polygons()
    tables = []
    for shape in SHAPES:
        if shape == "circle":
            distance = points.norm(dim=1) - 0.98
        elif shape == "ring":
            distance = (points.norm(dim=1) - 0.77).abs() - 0.25
        else:
            distance = _polygon_distance(points, polygons[shape])
        tables.append(distance.view(1, _TABLE_SIZE, _TABLE_SIZE))
    return torch.stack(tables)


@lru_cache
def backdrops(size: int = SIZE) -> torch.Tensor:
    """The six backgrounds as (6, 3, size, size) in [0, 1]."""
    fade = torch.linspace(0, 1, size).view(1, size, 1).expand(3, size, size)
    tiles = torch.arange(size) * 8 // size
    checks = ((tiles[:, None] + tiles[None]) % 2).float().expand(3, size, size)

    def mix(top: tuple[int, ...], bottom: tuple[int, ...], weight: torch.Tensor) -> torch.Tensor:
        a, b = (torch.tensor(c, dtype=torch.float32).view(3, 1, 1) / 255 for c in (top, bottom))
        return a + (b - a) * weight

    pictures = {
        "white": mix((255, 255, 255), (255, 255, 255), fade),
        "black": mix((0, 0, 0), (0, 0, 0), fade),
        "grey": mix((128, 128, 128), (128, 128, 128), fade),
        "sky": mix((110, 176, 250), (216, 238, 255), fade),
        "sunset": mix((64, 40, 104), (255, 184, 130), fade),
        "checkered": mix((238, 238, 238), (176, 176, 176), checks),
    }
    return torch.stack([pictures[name] for name in BACKGROUNDS])


DISTANCES = _distance_tables()
_PALETTE = torch.tensor([COLOURS[name] for name in COLOUR_NAMES], dtype=torch.float32) / 255


@lru_cache
def _grid(size: int) -> torch.Tensor:
    """Pixel centres of a picture `size` pixels a side, in units of a SIZE picture: (size, size, 2) as x, y."""
    axis = (torch.arange(size) + 0.5) * (SIZE / size)
    return torch.stack(torch.meshgrid(axis, axis, indexing="xy"), -1)


def coverage(shapes: torch.Tensor, centres: torch.Tensor, radii: torch.Tensor, size: int = SIZE) -> torch.Tensor:
    """Antialiased (N, 1, size, size) masks of N objects, centres and radii being those in a SIZE picture."""
    grid = (_grid(size) - centres.view(-1, 1, 1, 2)) / (radii.view(-1, 1, 1, 1) * _TABLE_EXTENT)
    distance = F.grid_sample(DISTANCES[shapes], grid, padding_mode="border", align_corners=True)
    return (0.5 - distance * radii.view(-1, 1, 1, 1) * (size / SIZE)).clamp(0, 1)


@dataclass
class Layout:
    """Where the things of scenes lie, in pixels of a SIZE picture, and which thing covers the other."""

    centres: torch.Tensor  # (B, 2, 2), x and y
    radii: torch.Tensor  # (B, 2)
    front: torch.Tensor  # (B,), index of the thing drawn last


def arrange(scenes: list[Scene], rng: random.Random, size_spread: float = SIZE_SPREAD,
            place_spread: float = PLACE_SPREAD) -> Layout:
    """Each thing at its place and of its size, up to random shifts."""
    layout = Layout(
        torch.zeros(len(scenes), 2, 2), torch.ones(len(scenes), 2), torch.ones(len(scenes), dtype=torch.long)
    )
    for slot in range(2):
        rows = [i for i, scene in enumerate(scenes) if len(scene.things) > slot]
        for i in rows:
            for axis in (0, 1):
                place = PLACES[scenes[i].things[slot].place][axis]
                layout.centres[i, slot, axis] = place + rng.uniform(-place_spread, place_spread)
        for i in rows:
            radius = PAIR_RADIUS if len(scenes[i].things) == 2 else SIZES[scenes[i].things[slot].size]
            layout.radii[i, slot] = radius + rng.uniform(-size_spread, size_spread)
    return layout


def draw(scenes: list[Scene], layout: Layout, size: int = SIZE) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures (B, 3, size, size) in [0, 1], and how much of each pixel shows each thing (B, 2, size, size)."""
    alphas = torch.zeros(len(scenes), 2, size, size)
    inks = torch.zeros(len(scenes), 2, 3)
    for slot in range(2):
        rows = [i for i, scene in enumerate(scenes) if len(scene.things) > slot]
        if not rows:
            continue
        things = [scenes[i].things[slot] for i in rows]
        shapes = torch.tensor([SHAPES.index(thing.shape) for thing in things])
        alphas[rows, slot] = coverage(shapes, layout.centres[rows, slot], layout.radii[rows, slot], size)[:, 0]
        inks[rows, slot] = _PALETTE[[COLOUR_NAMES.index(thing.colour) for thing in things]]
    every = torch.arange(len(scenes))
    alphas[every, 1 - layout.front] *= 1 - alphas[every, layout.front]
    pictures = backdrops(size)[[BACKGROUNDS.index(scene.background) for scene in scenes]]
    pictures = pictures * (1 - alphas.sum(1, keepdim=True)) + torch.einsum("bshw,bsc->bchw", alphas, inks)
    return pictures, alphas


def render(scenes: list[Scene], rng: random.Random, size: int = SIZE) -> tuple[torch.Tensor, torch.Tensor]:
    """Draws scenes with small random shifts.

    Returns pictures (B, 3, size, size) in [0, 1] and the objects' masks
    (B, 1, size, size).
    """
    pictures, shown = draw(scenes, arrange(scenes, rng), size)
    return pictures, shown.sum(1, keepdim=True)


def cut_out(pictures: torch.Tensor, scenes: list[Scene], side: int, rng: random.Random, align: int = 1) -> torch.Tensor:
    """A square of each picture near one of its things, its corner at multiples of `align` pixels."""
    size = pictures.shape[-1]
    cuts = []
    for picture, scene in zip(pictures, scenes):
        centre = PLACES[rng.choice(scene.things).place]
        left, top = (
            min(size - side, max(0, int(v * size / SIZE) - side // 2 + rng.randint(-side * 3 // 16, side * 3 // 16)))
            // align * align for v in centre
        )
        cuts.append(picture[:, top:top + side, left:left + side])
    return torch.stack(cuts)
