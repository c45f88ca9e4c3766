"""Reads the attributes of a scene back from a picture, by plain image analysis.

The background comes from the picture's border; objects are the connected
regions that differ from it; each gets the nearest colour of the palette, the
best overlapping shape of those rendered at its box, and the nearest place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

import world

_BACKDROPS = world.backdrops().permute(0, 2, 3, 1).numpy()
_COLOURS = np.array([world.COLOURS[name] for name in world.COLOUR_NAMES], dtype=np.float32) / 255
_CENTRES = np.array([world.PLACES[name] for name in world.PLACE_NAMES])
_THRESHOLD = 0.16  # difference from the background that counts as an object
_SMALLEST = 36  # pixels an object has at least


def _shape_boxes() -> np.ndarray:
    """Left, top, right, bottom of each shape in units of its radius."""
    shapes = torch.arange(len(world.SHAPES))
    masks = world.coverage(shapes, torch.full((len(shapes), 2), 32.0), torch.full((len(shapes),), 25.0))[:, 0]
    boxes = []
    for mask in masks.numpy() > 0.5:
        ys, xs = np.nonzero(mask)
        boxes.append((xs.min(), ys.min(), xs.max() + 1, ys.max() + 1))
    return (np.array(boxes) - 32.0) / 25.0


_BOXES = _shape_boxes()


@dataclass(frozen=True)
class Seen:
    """One object as read from a picture."""

    shape: str
    colour: str
    place: str
    centre: tuple[float, float]
    area: int


def regions(mask: np.ndarray) -> list[np.ndarray]:
    """8-connected regions of a boolean picture, the largest first."""
    left = mask.copy()
    height, width = mask.shape
    found = []
    for y, x in np.argwhere(mask):
        if not left[y, x]:
            continue
        left[y, x] = False
        region, queue = np.zeros_like(mask), [(y, x)]
        while queue:
            cy, cx = queue.pop()
            region[cy, cx] = True
            for ny in range(max(0, cy - 1), min(height, cy + 2)):
                for nx in range(max(0, cx - 1), min(width, cx + 2)):
                    if left[ny, nx]:
                        left[ny, nx] = False
                        queue.append((ny, nx))
        found.append(region)
    return sorted(found, key=lambda region: -region.sum())


def _read_object(picture: np.ndarray, backdrop: np.ndarray, region: np.ndarray) -> Seen:
    difference = np.abs(picture - backdrop).max(-1) * region
    core = region & (difference >= 0.7 * np.quantile(difference[region], 0.9))
    tone = np.median(picture[core], axis=0)
    colour = nearest_colour(picture[core])

    # How much of each pixel the object covers, along the line from backdrop to its tone.
    line = tone - backdrop
    alpha = ((picture - backdrop) * line).sum(-1) / np.maximum((line * line).sum(-1), 1e-3)
    near = np.zeros_like(region)
    ys, xs = np.nonzero(region)
    near[max(0, ys.min() - 1):ys.max() + 2, max(0, xs.min() - 1):xs.max() + 2] = True
    alpha = np.clip(alpha, 0, 1) * near

    ys, xs = np.nonzero((alpha > 0.5) & region)
    if len(xs) == 0:
        ys, xs = np.nonzero(region)
    box = np.array((xs.min(), ys.min(), xs.max() + 1, ys.max() + 1), dtype=np.float64)
    scale = ((box[2] - box[0]) + (box[3] - box[1])) / (_BOXES[:, 2] - _BOXES[:, 0] + _BOXES[:, 3] - _BOXES[:, 1])
    shapes, radii, centres = [], [], []
    for shape in range(len(world.SHAPES)):
        left, top, right, bottom = _BOXES[shape]
        for stretch in (0.93, 1.0, 1.07, 1.14, 1.21):  # above 1, since soft pictures lose thin tips
            radius = scale[shape] * stretch
            shapes.append(shape)
            radii.append(radius)
            centres.append((
                (box[0] + box[2]) / 2 - radius * (left + right) / 2,
                (box[1] + box[3]) / 2 - radius * (top + bottom) / 2,
            ))
    drawn = world.coverage(
        torch.tensor(shapes), torch.tensor(np.array(centres), dtype=torch.float32),
        torch.tensor(np.array(radii), dtype=torch.float32),
    )[:, 0].numpy()
    overlap = np.minimum(drawn, alpha).sum((1, 2)) / np.maximum(drawn, alpha).sum((1, 2))
    best = int(overlap.argmax())
    centre = centres[best]
    place = int(np.square(_CENTRES - np.array(centre)).sum(1).argmin())
    return Seen(
        world.SHAPES[shapes[best]], colour, world.PLACE_NAMES[place],
        (float(centre[0]), float(centre[1])), int(region.sum()),
    )


def nearest_background(picture: np.ndarray, where: np.ndarray) -> int:
    """Number of the background that a (64, 64, 3) picture in [0, 1] shows where the boolean mask says."""
    return int(np.minimum(np.abs(_BACKDROPS - picture)[:, where].max(-1), 0.25).mean(1).argmin())


def object_mask(picture: np.ndarray, background: int) -> np.ndarray:
    """Where a picture in [0, 1] differs from a background."""
    return np.abs(picture - _BACKDROPS[background]).max(-1) > _THRESHOLD


def nearest_colour(pixels: np.ndarray) -> str:
    """The palette's colour next to the median of (N, 3) pixels in [0, 1]."""
    return world.COLOUR_NAMES[int(np.abs(_COLOURS - np.median(pixels, axis=0)).sum(1).argmin())]


def read_picture(picture: np.ndarray) -> tuple[str, list[Seen]]:
    """Background and objects of an 8-bit (64, 64, 3) picture, the largest object first."""
    picture = picture.astype(np.float32) / 255
    border = np.ones(picture.shape[:2], dtype=bool)
    border[2:-2, 2:-2] = False
    background = nearest_background(picture, border)
    backdrop = _BACKDROPS[background]
    mask = object_mask(picture, background)
    # Opening by a 2x2 square removes the thin rims that decoders leave at edges.
    core = mask[:-1, :-1] & mask[1:, :-1] & mask[:-1, 1:] & mask[1:, 1:]
    mask = np.zeros_like(mask)
    for dy in (0, 1):
        for dx in (0, 1):
            mask[dy:dy + core.shape[0], dx:dx + core.shape[1]] |= core
    objects = [
        _read_object(picture, backdrop, region) for region in regions(mask) if region.sum() >= _SMALLEST
    ]
    return world.BACKGROUNDS[background], objects


def judge(picture: np.ndarray, scene: world.Scene) -> dict[str, float]:
    """Share of each attribute that is right; a missing object has none right."""
    background, objects = read_picture(picture)
    marks = {"shape": 0.0, "colour": 0.0, "place": 0.0}
    left = list(objects)
    for thing in scene.things:
        if not left:
            break
        if len(scene.things) == 1:
            seen = left[0]
        else:
            target = np.array(world.PLACES[thing.place])
            seen = min(left, key=lambda item: np.square(np.array(item.centre) - target).sum())
        left.remove(seen)
        for name in marks:
            marks[name] += (getattr(seen, name) == getattr(thing, name)) / len(scene.things)
    marks["background"] = float(background == scene.background)
    marks["count"] = float(len(objects) == len(scene.things))
    marks["all"] = float(all(value == 1 for value in marks.values()))
    return marks
