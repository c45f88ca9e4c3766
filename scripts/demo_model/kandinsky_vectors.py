"""What the vectors mean that Kandinsky's demo model passes from its prior to its UNet.

CLIP's vectors are learnt from pictures and texts of the web; these are laid out
by hand, so that a small image encoder and small text encoders can learn them:
the sum of one vector for each thing that can be said of a scene, turned at
random and brought to the length of CLIP's.  Each kind of attribute has
dimensions of its own, in which the values are the corners of a simplex around
0, and 0 says nothing.  What a vector does not say is left to the UNet, and
weighted sums of vectors (`--mix`) say what their parts say, the louder part
where both speak of one attribute: the fewer things are said, the louder each.
"""

from __future__ import annotations

import math
import random

import torch

import world
from world import Scene

WIDTH = 64
LENGTH = math.sqrt(WIDTH)  # of all vectors but the one that says nothing
FIRST, SECOND = "first", "second"  # of a pair: left or above, right or below
_VALUES = {  # of each group, and how loud it is
    "background": (world.BACKGROUNDS, 1.0),
    "place": (world.PLACE_NAMES, 1.0),
    "shape": (world.SHAPES, 1.0),
    "colour": (world.COLOUR_NAMES, 1.0),
    "size": (tuple(world.SIZES), 0.6),
    **{f"shape {which}": (world.SHAPES, 0.8) for which in (FIRST, SECOND)},
    **{f"colour {which}": (world.COLOUR_NAMES, 0.8) for which in (FIRST, SECOND)},
}
OF_BOTH = 0.5  # loudness of a pair's shapes and colours without saying whose
GROUPS = tuple(_VALUES)


def _simplex(count: int) -> torch.Tensor:
    """Unit vectors to the corners of a regular simplex around 0: (count, count - 1)."""
    centred = torch.eye(count, dtype=torch.float64) - 1 / count
    basis = torch.linalg.svd(centred).U[:, :count - 1]
    corners = centred @ basis
    return corners / corners.norm(dim=1, keepdim=True)


def _turn() -> torch.Tensor:
    generator = torch.Generator().manual_seed(21)
    q, r = torch.linalg.qr(torch.randn(WIDTH, WIDTH, generator=generator, dtype=torch.float64))
    return q * r.diagonal().sign()


def _tables() -> dict[str, torch.Tensor]:
    """The vector of each value of each group, all groups being orthogonal to each other: (values, WIDTH)."""
    tables, first, turn = {}, 0, _turn()
    for group, (values, loudness) in _VALUES.items():
        corners = _simplex(len(values))
        tables[group] = (loudness * corners @ turn[first:first + corners.shape[1]]).float()
        first += corners.shape[1]
    return tables


TABLES = _tables()


def _said(group: str, value: str) -> torch.Tensor:
    return TABLES[group][_VALUES[group][0].index(value)]


def scaled(vectors: torch.Tensor) -> torch.Tensor:
    """Brought to LENGTH; what says nothing stays 0."""
    return vectors * (LENGTH / vectors.norm(dim=-1, keepdim=True).clamp(min=1e-3))


def attributes(scene: Scene) -> dict[str, str]:
    """What is said of a scene with one thing, or of the background of one with two."""
    told = {"background": scene.background}
    if len(scene.things) == 1:
        thing = scene.things[0]
        told |= {"place": thing.place, "shape": thing.shape, "colour": thing.colour, "size": thing.size}
    return told


def hint_vector(told: dict[str, str]) -> torch.Tensor:
    """Of a few attributes."""
    return scaled(sum((_said(group, value) for group, value in told.items()), torch.zeros(WIDTH)))


def which_of_pair(thing: world.Thing) -> str:
    return FIRST if thing.place in ("left", "top") else SECOND


def scene_vector(scene: Scene) -> torch.Tensor:
    if len(scene.things) == 1:
        return hint_vector(attributes(scene))
    total = _said("background", scene.background)
    for thing in scene.things:
        total = total + _said("place", thing.place) / math.sqrt(2)
        for group, value in (("shape", thing.shape), ("colour", thing.colour)):
            total = total + OF_BOTH * _said(group, value) + _said(f"{group} {which_of_pair(thing)}", value)
    return scaled(total)


def random_hint(scene: Scene, rng: random.Random) -> dict[str, str]:
    """One or two attributes of a scene, as texts name them (`world.hint`)."""
    told = attributes(scene)
    if len(scene.things) == 2:
        return {"background": told["background"]}
    chosen = rng.choice((("colour",), ("shape",), ("background",), ("colour",), ("shape",), ("background",),
                         ("colour", "background"), ("shape", "background"), ("colour", "place"), ("shape", "place"),
                         ("place",)))
    return {group: told[group] for group in chosen}


def readings(vectors: torch.Tensor) -> dict[str, torch.Tensor]:
    """How loudly vectors (B, WIDTH) say each value of each group: (B, values)."""
    return {group: vectors @ table.T / table.square().sum(1) for group, table in TABLES.items()}


def marks(vectors: torch.Tensor, scenes: list[Scene]) -> dict[str, list[float]]:
    """Whether what is read from vectors is what they should say of scenes, for each attribute that is there."""
    values = readings(vectors)
    read = {group: each.argmax(1).tolist() for group, each in values.items()}
    read_places = values["place"]
    result: dict[str, list[float]] = {name: [] for name in ("background", "place", "shape", "colour", "size", "all")}

    for row, scene in enumerate(scenes):
        def right(group: str, value: str) -> bool:
            return _VALUES[group][0][read[group][row]] == value

        found = {"background": right("background", scene.background)}
        if len(scene.things) == 1:
            found |= {group: right(group, value) for group, value in attributes(scene).items()}
        else:
            for group in ("shape", "colour"):
                found[group] = all(
                    right(f"{group} {which_of_pair(thing)}", getattr(thing, group)) for thing in scene.things)
            loudest = sorted(read_places[row].topk(2).indices.tolist())
            found["place"] = loudest == sorted(world.PLACE_NAMES.index(thing.place) for thing in scene.things)
        found["all"] = all(found.values())
        for name, value in found.items():
            result[name].append(float(value))
    return result


def print_marks(title: str, vectors: torch.Tensor, scenes: list[Scene]) -> None:
    means = {name: sum(each) / max(1, len(each)) for name, each in marks(vectors, scenes).items()}
    print(f"{title:28}" + "".join(f" {name} {mean:.3f}" for name, mean in means.items()), flush=True)
