"""Runs diffusers and velatura on the same random pipelines and compares what comes out.

Each row: one pipeline saved by diffusers, one request of any task carried out by both programs in
float32, by diffusers on the CPU. It holds where the final latents are within 1e-4 (relative L2, and largest
difference over largest value) and the PNG within one level. oracle/rows.py says what is compared.
"""

import argparse
import fnmatch
import gc
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

import diffusers  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
import transformers  # noqa: E402
from oracle.models import ROOT  # noqa: E402, and the fixtures' modules can be found from here on
from oracle.ask import ADAPTERS, ask_diffusers, ask_velatura  # noqa: E402
from oracle.rows import BASE, full_rows, small_rows  # noqa: E402

LATENTS_TOLERANCE, LEVELS_TOLERANCE = 1e-4, 1


class Difference(NamedTuple):
    relative: float  # of the latents, L2
    largest: float  # of the latents, over the largest value
    levels: float  # of the pictures

    def holds(self) -> bool:
        return max(self.relative, self.largest) <= LATENTS_TOLERANCE and self.levels <= LEVELS_TOLERANCE


def compare(program: Path, folder: Path, case: dict, scratch: Path) -> Difference:
    wanted, wanted_picture = ask_diffusers(folder, case, scratch)
    gc.collect()
    try:
        found, picture = ask_velatura(program, folder, case, scratch)
    except subprocess.CalledProcessError:  # it has said why
        return Difference(np.inf, np.inf, np.inf)
    if "controls" in case:  # a case says nothing unless they change the picture
        off = case | dict(controls=[control | dict(scale=0) for control in case["controls"]])
        if torch.allclose(ask_velatura(program, folder, off, scratch)[0], wanted, atol=1e-2):
            return Difference(np.inf, np.inf, np.inf)
    if found.shape != wanted.shape or picture.shape != wanted_picture.shape:
        return Difference(np.inf, np.inf, np.inf)
    beside = ("loras", "embeddings", *ADAPTERS)
    if any(name in case for name in beside):
        plain = {key: value for key, value in case.items() if key not in beside}
        without = ask_velatura(program, folder, plain, scratch)[0]
        if (without - wanted).norm() < 10 * LATENTS_TOLERANCE * wanted.norm():
            return Difference(np.nan, np.nan, np.nan)  # the case says nothing of its adapter
    difference = (found - wanted).double()
    return Difference((difference.norm() / wanted.double().norm()).item(),
                      (difference.abs().max() / wanted.abs().max()).item(),
                      np.abs(picture.astype(int) - wanted_picture.astype(int)).max())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--velatura", type=Path, default=ROOT / "build/release/velatura")
    parser.add_argument("--only", default="*", help="pipelines to run, a shell pattern")
    parser.add_argument("--no-full", action="store_true", help="leave out the full-size models")
    parser.add_argument("--device", default="cpu", help="velatura's")
    parser.add_argument("--part", default="1/1", help="K/N: of N processes beside each other this is the K-th")
    options = parser.parse_args()
    diffusers.utils.logging.set_verbosity_error()
    for library in (diffusers, transformers):
        library.utils.logging.disable_progress_bar()
    warnings.filterwarnings("ignore", module="diffusers")
    torch.set_grad_enabled(False)
    print(f"{'pipeline':<32} {'request':<18} {'relative L2':>12} {'largest':>10} {'levels':>7}")
    count = failed = 0
    rows = [row for row in (*small_rows(), *([] if options.no_full else full_rows()))
            if fnmatch.fnmatch(row.model, options.only)]
    part, parts = map(int, options.part.split("/"))
    for row in rows[part - 1::parts]:
        with tempfile.TemporaryDirectory() as name:
            scratch = Path(name)
            row.make(scratch / "model")
            gc.collect()
            for request, settings in row.requests.items():
                found = compare(options.velatura, scratch / "model", BASE | settings | dict(device=options.device), scratch)
                count, failed = count + 1, failed + (not found.holds())
                print(f"{row.model:<32} {request:<18} {found.relative:12.1e} {found.largest:10.1e} {found.levels:7.0f}"
                      f"{'' if found.holds() else '  FAILED'}", flush=True)
    print(f"{count - failed} passed, {failed} failed")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
