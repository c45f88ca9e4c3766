"""What working in tiles costs and saves when pictures are enlarged, as two Markdown tables.

1. Pictures small enough to be worked on whole, enlarged whole and in tiles: how far apart the two
   are, and whether steps appear where tiles begin and end. A step is the mean difference of two
   neighbouring rows (or columns); its gain is what tiles add to it. Where there is no seam, the
   gain at the tiles' borders is no larger than elsewhere. With the UNet in tiles a picture has to be
   LEAST_PSNR from the whole one.
2. Peak memory and time of whole commands as the input grows, in tiles.
"""

import argparse
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parent.parent
FACTOR = 4  # of enlargement, and of the upscaler's VAE
TILE, OVERLAP = 128, 32  # what velatura takes where the whole does not fit, in pixels of the input and in latents
LEAST_PSNR = 40  # dB


class Usage(NamedTuple):
    seconds: float
    peak_mib: float


def gradient(side: int) -> Image.Image:
    """Nothing but smooth colours, which shift most easily."""
    ramp = np.linspace(0, 255, side)
    channels = np.broadcast_arrays(ramp, ramp[::-1], ramp[:, None])
    return Image.fromarray(np.stack(channels, -1).astype(np.uint8))


def objects(side: int) -> Image.Image:
    """Objects on a smooth background, where seams would show."""
    size = 4 * side
    ramp = np.linspace(0, 1, size)[:, None, None]
    sky = (1 - ramp) * (90, 150, 235) + ramp * (235, 240, 250)
    image = Image.fromarray(np.broadcast_to(sky, (size, size, 3)).astype(np.uint8))
    pen = ImageDraw.Draw(image)

    def box(x: float, y: float, radius: float) -> tuple:
        return tuple(size * value for value in (x - radius, y - radius, x + radius, y + radius))

    pen.ellipse(box(0.3, 0.32, 0.17), fill=(222, 32, 32))
    pen.rectangle(box(0.72, 0.35, 0.13), fill=(36, 64, 220))
    pen.ellipse(box(0.55, 0.75, 0.16), outline=(36, 160, 60), width=size // 20)
    pen.polygon([(size * x, size * y) for x, y in ((0.1, 0.9), (0.2, 0.6), (0.3, 0.9))], fill=(252, 222, 40))
    return image.resize((side, side), Image.Resampling.LANCZOS)


def measured(command: list) -> Usage:
    """Runs it. A child's peak memory begins at its parent's, so this program has to stay small."""
    start = time.perf_counter()
    child = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"{command}: exit code {os.waitstatus_to_exitcode(status)}")
    return Usage(time.perf_counter() - start, usage.ru_maxrss / 1024)


def borders(length: int) -> list[int]:
    """Where tiles begin and end inside a side of that many latents, as src/pipelines/tiles.cpp lays them."""
    count = math.ceil((length - OVERLAP) / (TILE - OVERLAP))
    begins = [i * (length - TILE) // (count - 1) for i in range(count)]
    return sorted({edge for begin in begins for edge in (begin, begin + TILE)} - {0, length})


def steps(picture: np.ndarray) -> np.ndarray:
    """[2, side - 1]: mean difference of neighbouring rows, and of neighbouring columns."""
    return np.stack([np.abs(np.diff(picture, axis=0)).mean((1, 2)), np.abs(np.diff(picture, axis=1)).mean((0, 2))])


def psnr_of(tiled: np.ndarray, whole: np.ndarray) -> float:
    error = np.square(tiled - whole).mean()
    return 10 * math.log10(255**2 / error) if error else math.inf


def seam_row(what: str, whole: np.ndarray, tiled: np.ndarray, edges: list[int]) -> str:
    difference = np.abs(tiled - whole).max()
    before, after = steps(whole), steps(tiled)
    at_border = np.zeros(before.shape[1], bool)
    at_border[np.array(edges) - 1] = True
    gain = after - before
    return (f"| {what} | {psnr_of(tiled, whole):.1f} | {difference:.0f} | {before[:, at_border].mean():.3f} → "
            f"{after[:, at_border].mean():.3f} | {gain[:, at_border].max():+.3f} | {gain[:, ~at_border].mean():+.3f} |")


def show_seams(command: list, draw: Callable[[int], Image.Image], side: int, scratch: Path) -> float:
    """How far the picture is from the whole one, in dB, with the UNet in tiles."""
    draw(side).save(scratch / "in.png")
    pictures = {}
    vae_tile = TILE * FACTOR
    for what, options in {"nothing": ["--tile", 0, "--vae-tile", "off"],
                          "the UNet": ["--tile", TILE, "--tile-overlap", OVERLAP, "--vae-tile", "off"],
                          "the VAE": ["--tile", 0, "--vae-tile", vae_tile],
                          "both": ["--tile", TILE, "--tile-overlap", OVERLAP, "--vae-tile", vae_tile]}.items():
        measured([*command, "--image", scratch / "in.png", "-o", scratch / "out.png", *options])
        pictures[what] = np.asarray(Image.open(scratch / "out.png")).astype(np.float32)
    print(f"\n{draw.__doc__} {side}² to {side * FACTOR}², against the same worked on whole; in levels of 0 to 255:\n")
    print("| in tiles | PSNR, dB | largest difference | mean step at borders, whole → tiled "
          "| largest gain at a border | mean gain elsewhere |\n|---|---|---|---|---|---|")
    edges = [FACTOR * edge for edge in borders(side)]
    for what in list(pictures)[1:]:
        print(seam_row(what, pictures["nothing"], pictures[what], edges), flush=True)
    return psnr_of(pictures["the UNet"], pictures["nothing"])


def show_memory(command: list, sides: list[int], scratch: Path) -> None:
    print("\n| input | output | output, MiB of RGB | seconds | peak memory, MiB |\n|---|---|---|---|---|")
    for side in sides:
        objects(side).save(scratch / "in.png")
        usage = measured([*command, "--image", scratch / "in.png", "-o", scratch / "out.png", "--tile", TILE])
        out = side * FACTOR
        print(f"| {side}² | {out}² | {3 * out**2 / 2**20:.0f} | {usage.seconds:.1f} | {usage.peak_mib:.0f} |",
              flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--velatura", type=Path, default=ROOT / "build/release/velatura")
    parser.add_argument("--model", type=Path, default=ROOT / "models/demo-upscale")
    parser.add_argument("--side", type=int, default=256, help="of the picture that is also worked on whole, above 192")
    parser.add_argument("--steps", type=int, default=10, help="denoising steps of the first table")
    parser.add_argument("--sides", default="128,256,512,1024", help="of the second table's inputs; empty: no table")
    options = parser.parse_args()
    command = [options.velatura, "upscale", "a red circle and a blue square", "-m", options.model, "-q", "--seed", 1,
               "--device", "cpu"]
    with tempfile.TemporaryDirectory() as scratch:
        seams = [show_seams([*command, "--steps", options.steps], draw, options.side, Path(scratch))
                 for draw in (objects, gradient)]
        if options.sides:
            show_memory([*command, "--steps", 1], [int(side) for side in options.sides.split(",")], Path(scratch))
    if min(seams) < LEAST_PSNR:
        sys.exit(f"in tiles of the UNet {min(seams):.1f} dB from the whole, expected at least {LEAST_PSNR}")


if __name__ == "__main__":
    main()
