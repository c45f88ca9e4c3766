"""Turns a .cu of the project into C++ for gpu_on_cpu.h: launches become calls, dynamic shared memory
a pointer.

    cuda_to_cpp.py IN.cu OUT.cpp
"""

import re
import sys
from pathlib import Path

LAUNCH = re.compile(r"(\w+(?:<[^<>;]*>)?)\s*<<<(.*?)>>>\s*\(", re.DOTALL)
SHARED = re.compile(r"extern\s+__shared__\s+([\w:]+)\s+(\w+)\[\];")


def split(arguments: str) -> list[str]:
    """At the commas that are in no brackets."""
    parts, depth = [""], 0
    for character in arguments:
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def closing(text: str, begin: int) -> int:
    """Where the bracket closes that is open at `begin`."""
    depth = 1
    while depth:
        depth += (text[begin] == "(") - (text[begin] == ")")
        begin += 1
    return begin - 1


def translate(text: str) -> str:
    text = SHARED.sub(
        r"\1* const \2 = static_cast<\1*>(::velatura::gpu_on_cpu::shared_memory());", text)
    if "__shared__" in text:
        raise SystemExit("cuda_to_cpp: only dynamic shared memory is emulated")
    while match := LAUNCH.search(text):
        end = closing(text, match.end())
        kernel, arguments = match[1], text[match.end():end]
        grid, block, shared = (split(match[2]) + ["0"])[:3]
        call = (f"::velatura::gpu_on_cpu::run(dim3({grid}), dim3({block}), {shared},"
                f" [=] {{ {kernel}({arguments}); }}")
        text = text[:match.start()] + call + text[end:]
    return text


def main() -> None:
    source, target = map(Path, sys.argv[1:])
    text = translate(source.read_text())
    target.write_text(f'#include "support/gpu_on_cpu/gpu_on_cpu.h"\n#line 1 "{source}"\n{text}')


if __name__ == "__main__":
    main()
