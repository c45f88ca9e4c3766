"""Makes one PNG from many: a grid of the first pictures in a folder, enlarged."""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--columns", type=int, default=12)
    parser.add_argument("--rows", type=int, default=8)
    parser.add_argument("--skip", type=int, default=0, help="pictures to leave out at the start")
    parser.add_argument("--scale", type=int, default=2)
    args = parser.parse_args()

    paths = sorted(args.folder.glob("*.png"))[args.skip:args.skip + args.columns * args.rows]
    side, gap = 64 * args.scale, 4
    rows = -(-len(paths) // args.columns)
    sheet = Image.new("RGB", (args.columns * (side + gap) + gap, rows * (side + gap) + gap), "white")
    for i, path in enumerate(paths):
        picture = Image.open(path).convert("RGB").resize((side, side), Image.Resampling.NEAREST)
        sheet.paste(picture, (gap + i % args.columns * (side + gap), gap + i // args.columns * (side + gap)))
    sheet.save(args.out)


if __name__ == "__main__":
    main()
