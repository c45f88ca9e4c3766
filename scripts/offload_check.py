#!/usr/bin/env python3
"""How little of a GPU's memory pictures of Stable Diffusion 1.5 are made in: --offload on the null device, whose
libraries stand in for CUDA's and whose memory is counted and may be capped. It has no time: how much slower it is to
let weights come and go only a GPU can say. Needs a build with the CUDA kernels (scripts/test.sh) and the oracle's
packages for the random weights. A row each; exit code 1 if a picture was not made within its cap.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import ROOT, TASKS, make_model

GIB = 1 << 30
# --offload, width, height, cap in GiB
RUNS = [("none", 512, 512, 80), ("model", 512, 512, 80), ("layers", 512, 512, 80),
        ("none", 576, 1280, 80), ("model", 576, 1280, 80), ("layers", 576, 1280, 80),
        ("auto", 576, 1280, 6), ("auto", 512, 512, 3), ("auto", 512, 512, 2), ("auto", 512, 512, 1)]


def peak(build: Path, model: Path, scratch: Path, offload: str, width: int, height: int, cap: int) -> int | None:
    """Bytes at the peak; nothing if there is no picture."""
    report = scratch / "report"
    made = subprocess.run(
        [build / "velatura", "txt2img", "a", "-m", model, "--device", "cuda", "--offload", offload, "--width", str(width),
         "--height", str(height), "--seed", "1", "--steps", "3", "--quiet", "--no-progress", "--overwrite", "-o", scratch / "x.png"],
        env={**os.environ, "LD_LIBRARY_PATH": str(build / "tests/gpu/null/torch/lib"), "NULL_CUDA_MEMORY": str(cap * GIB),
             "NULL_CUDA_REPORT": str(report)},
        stdout=subprocess.DEVNULL, check=False)
    return int(report.read_text().splitlines()[-1].split()[0]) if made.returncode == 0 else None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="a diffusers folder, made with random Stable Diffusion 1.5 weights if it is not there; else a temporary one")
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    options = parser.parse_args()
    failed = False
    print("| --offload | picture | the GPU's memory | at the peak |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        model = options.model or scratch / "model"
        make_model(model, TASKS["txt2img"])
        for offload, width, height, cap in RUNS:
            found = peak(options.build.resolve(), model, scratch, offload, width, height, cap)
            failed |= found is None
            print(f"| {offload} | {width}×{height} | {cap} GiB | {'no picture' if found is None else f'{found / GIB:.2f} GiB'} |", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
