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
    background = rng.choice(_BACKGROUND_PHRASES[scene.background])
    if scene.background == "white" and rng.random() < 0.4:
        return rng.choice(_OPENINGS) + body
    order = rng.random()
    if order < 0.15:
        return f"{background}, {body}"
    comma = "," if order < 0.3 else ""
    return f"{rng.choice(_OPENINGS)}{body}{comma} {background}"


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


def _backgrounds() -> torch.Tensor:
    """The six backgrounds as (6, 3, SIZE, SIZE) in [0, 1]."""
    fade = torch.linspace(0, 1, SIZE).view(1, SIZE, 1).expand(3, SIZE, SIZE)
    tiles = (torch.arange(SIZE) // 8)
    checks = ((tiles[:, None] + tiles[None]) % 2).float().expand(3, SIZE, SIZE)

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
BACKDROPS = _backgrounds()
_PALETTE = torch.tensor([COLOURS[name] for name in COLOUR_NAMES], dtype=torch.float32) / 255
_AXIS = torch.arange(SIZE) + 0.5
_GRID = torch.stack(torch.meshgrid(_AXIS, _AXIS, indexing="xy"), -1)  # (SIZE, SIZE, 2) as x, y


def coverage(shapes: torch.Tensor, centres: torch.Tensor, radii: torch.Tensor) -> torch.Tensor:
    """Antialiased (N, 1, SIZE, SIZE) masks of N objects."""
    grid = (_GRID - centres.view(-1, 1, 1, 2)) / (radii.view(-1, 1, 1, 1) * _TABLE_EXTENT)
    distance = F.grid_sample(DISTANCES[shapes], grid, padding_mode="border", align_corners=True)
    return (0.5 - distance * radii.view(-1, 1, 1, 1)).clamp(0, 1)


def render(scenes: list[Scene], rng: random.Random) -> tuple[torch.Tensor, torch.Tensor]:
    """Draws scenes with small random shifts.

    Returns pictures (B, 3, SIZE, SIZE) in [0, 1] and the objects' masks
    (B, 1, SIZE, SIZE).
    """
    pictures = BACKDROPS[[BACKGROUNDS.index(scene.background) for scene in scenes]].clone()
    masks = torch.zeros(len(scenes), 1, SIZE, SIZE)
    for slot in range(2):
        rows = [i for i, scene in enumerate(scenes) if len(scene.things) > slot]
        if not rows:
            continue
        things = [scenes[i].things[slot] for i in rows]
        centres = torch.tensor([
            [PLACES[thing.place][axis] + rng.uniform(-1.5, 1.5) for axis in (0, 1)] for thing in things
        ])
        radii = torch.tensor([
            (PAIR_RADIUS if len(scenes[i].things) == 2 else SIZES[thing.size]) + rng.uniform(-0.7, 0.7)
            for i, thing in zip(rows, things)
        ])
        alpha = coverage(torch.tensor([SHAPES.index(thing.shape) for thing in things]), centres, radii)
        ink = _PALETTE[[COLOUR_NAMES.index(thing.colour) for thing in things]].view(-1, 3, 1, 1)
        pictures[rows] = pictures[rows] * (1 - alpha) + ink * alpha
        masks[rows] = torch.maximum(masks[rows], alpha)
    return pictures, masks
