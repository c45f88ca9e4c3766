"""Makes one PNG from the pictures that score.py left in folders: a grid of them, enlarged.

Where pictures went in, each is shown as input, mask or depth map, and output.
"""

from __future__ import annotations

import argparse
import textwrap
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from cases import enlarged

GAP, LINE = 4, 12


def tiles_of(path: Path, bicubic: bool) -> list[Image.Image]:
    """What went in, then the picture."""
    tiles = []
    for name in ("image", "hint"):
        given = path.parent / "inputs" / f"{path.stem}-{name}.png"
        if given.exists():
            tiles.append(Image.open(given).convert("RGB"))
    if bicubic:
        tiles.append(Image.fromarray(enlarged(np.asarray(tiles[0]))))
    return [*tiles, Image.open(path).convert("RGB")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+", help="rows come from each in turn")
    parser.add_argument("out", type=Path)
    parser.add_argument("--columns", type=int, default=12)
    parser.add_argument("--rows", type=int, default=8)
    parser.add_argument("--skip", type=int, default=0, help="pictures to leave out at the start of each folder")
    parser.add_argument("--side", type=int, default=128, help="pixels a side of each tile")
    parser.add_argument("--lines", type=int, default=0, help="lines of the prompt to write under each")
    parser.add_argument("--font", type=Path, help="a TrueType file for prompts in Russian; Pillow's own by default")
    parser.add_argument("--bicubic", action="store_true", help="show Pillow's enlargement of the input too")
    parser.add_argument("--colours", type=int, help="of the palette; all colours by default")
    args = parser.parse_args()

    paths, prompts = [], {}
    count = args.columns * (args.rows // len(args.folders))
    for folder in args.folders:
        paths += sorted(folder.glob("*.png"))[args.skip:args.skip + count]
        table = (line.split("\t") for line in (folder / "prompts.tsv").read_text().splitlines())
        prompts |= {folder / name: prompt for name, _, prompt in table}
    tiles = len(tiles_of(paths[0], args.bicubic))
    side, between = args.side, (2 if tiles > 1 else GAP)
    cell = (tiles * side + (tiles - 1) * between + 2 * GAP * (tiles > 1) + GAP, side + GAP + args.lines * LINE)
    rows = -(-len(paths) // args.columns)
    paper = "white" if tiles == 1 else (222, 226, 232)  # on which white tiles have an edge
    sheet = Image.new("RGB", (args.columns * cell[0] + GAP, rows * cell[1] + GAP), paper)
    ink = ImageDraw.Draw(sheet)
    font = ImageFont.truetype(args.font, 9) if args.font else ImageFont.load_default(10)
    for i, path in enumerate(paths):
        left, top = GAP + i % args.columns * cell[0], GAP + i // args.columns * cell[1]
        for j, tile in enumerate(tiles_of(path, args.bicubic)):
            if tile.width > side:
                tile = tile.resize((side, side), Image.Resampling.LANCZOS)
            sheet.paste(tile.resize((side, side), Image.Resampling.NEAREST), (left + j * (side + between), top))
        lines = textwrap.wrap(prompts[path], cell[0] // (6 if args.font else 5)) if args.lines else []
        for j, line in enumerate(lines[:args.lines]):
            ink.text((left, top + side + j * LINE), line, fill="black", font=font)
    if args.colours:
        sheet = sheet.quantize(args.colours, dither=Image.Dither.NONE)
    sheet.save(args.out, optimize=True)


if __name__ == "__main__":
    main()
