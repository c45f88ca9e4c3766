"""Pictures and their receipts read with nothing but Python, and compared. As a program:
  pictures.py mean ONE.png OTHER.png LIMIT   prints their mean absolute difference, in levels of 0 to
                                             255; exit code 1 if it is above the limit
  pictures.py same ONE OTHER                 two files or folders of PNG files: exit code 1, and what
                                             differs, unless they hold the same pictures

The same picture is one of the same name, size and texts, no channel of a pixel farther off than one
level. Bytes are not asked for: the kernels that compute depend on how many pictures share a batch and
on the processor, and round differently.
"""

import json
import struct
import sys
import zlib
from pathlib import Path
from typing import NamedTuple

CHANNELS = 3
TOLERANCE = 1  # levels


class Picture(NamedTuple):
    size: tuple[int, int]
    pixels: bytes  # rows top to bottom
    texts: dict[str, str]


def paeth(left: int, above: int, corner: int) -> int:
    """PNG, 2nd ed., §9.4."""
    guess = left + above - corner
    return min((left, above, corner), key=lambda value: abs(guess - value))


PREDICTORS = (
    lambda left, above, corner: 0,
    lambda left, above, corner: left,
    lambda left, above, corner: above,
    lambda left, above, corner: (left + above) // 2,
    paeth,
)


def chunks(content: bytes):
    position = 8
    while position < len(content):
        (size,) = struct.unpack_from(">I", content, position)
        yield content[position + 4 : position + 8], content[position + 8 : position + 8 + size]
        position += 12 + size


def text_of(kind: bytes, chunk: bytes) -> tuple[str, str]:
    """Key and text of a tEXt chunk, or of an iTXt chunk that is not compressed (PNG, 2nd ed., §11.3)."""
    key, rest = chunk.split(b"\0", 1)
    text = rest.decode("latin-1") if kind == b"tEXt" else rest[2:].split(b"\0", 2)[2].decode()
    return key.decode("latin-1"), text


def read_png(content: bytes, where: str) -> Picture:
    header, data, texts = b"", b"", {}
    for kind, chunk in chunks(content):
        if kind == b"IHDR":
            header = chunk
        elif kind == b"IDAT":
            data += chunk
        elif kind in (b"tEXt", b"iTXt"):
            key, text = text_of(kind, chunk)
            texts[key] = text
    width, height, *rest = struct.unpack(">IIBBBBB", header)
    if rest != [8, 2, 0, 0, 0]:
        sys.exit(f"{where} is no 8-bit RGB PNG without interlacing")
    return Picture((width, height), unfilter(zlib.decompress(data), width * CHANNELS), texts)


def unfilter(data: bytes, stride: int) -> bytes:
    pixels, above = bytearray(), bytes(stride)
    for start in range(0, len(data), stride + 1):
        predict, row = PREDICTORS[data[start]], bytearray(data[start + 1 : start + 1 + stride])
        for i in range(stride):
            left, corner = (row[i - CHANNELS], above[i - CHANNELS]) if i >= CHANNELS else (0, 0)
            row[i] = (row[i] + predict(left, above[i], corner)) & 255
        pixels += row
        above = row
    return bytes(pixels)


def differences(one: Picture, other: Picture) -> list[int]:
    return [abs(a - b) for a, b in zip(one.pixels, other.pixels, strict=True)]


def comparable(texts: dict[str, str]) -> dict:
    """Without what says which bytes the pixels are."""
    said = dict(texts)
    for key, text in texts.items():
        if text.startswith("{"):
            said[key] = {name: value for name, value in json.loads(text).items() if name != "pixels"}
    return said


def why_different(one: bytes, other: bytes) -> str:
    """Of two PNG files; empty if they hold the same picture."""
    if one == other:
        return ""
    a, b = read_png(one, "the first picture"), read_png(other, "the second picture")
    if a.size != b.size:
        return f"{a.size[0]}x{a.size[1]} and {b.size[0]}x{b.size[1]} pixels"
    if comparable(a.texts) != comparable(b.texts):
        return "their texts differ"
    largest = max(differences(a, b))
    return f"{largest} levels apart" if largest > TOLERANCE else ""


def pictures(path: Path) -> dict[str, bytes]:
    if path.is_file():
        return {"": path.read_bytes()}
    return {file.name: file.read_bytes() for file in sorted(path.glob("*.png"))}


def same(one: Path, other: Path) -> bool:
    first, second = pictures(one), pictures(other)
    wrong = [f"{name}: only in one of the two" for name in sorted(first.keys() ^ second.keys())]
    for name in sorted(first.keys() & second.keys()):
        if why := why_different(first[name], second[name]):
            wrong.append(f"{one / name}: {why}")
    print("\n".join(wrong), end="\n" if wrong else "")
    return not wrong


def mean(one: Path, other: Path, limit: float) -> bool:
    first, second = (read_png(path.read_bytes(), str(path)) for path in (one, other))
    if first.size != second.size:
        sys.exit(f"{one} is {first.size}, {other} is {second.size}")
    difference = sum(differences(first, second)) / len(first.pixels)
    print(f"{difference:.3f}")
    return difference <= limit


def main() -> int:
    match sys.argv[1:]:
        case ["mean", one, other, limit]:
            return 0 if mean(Path(one), Path(other), float(limit)) else 1
        case ["same", one, other]:
            return 0 if same(Path(one), Path(other)) else 1
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
