"""Pictures a minute over a job file of mixed lines, on the bundled model: velatura's batch, velatura
started anew for each line, a diffusers loop. In turn, float32 on the CPU; medians in a table.

The pictures are compared, too: exit code 1 unless those of batch and single runs are equal but for
rounding.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from bench_batch_lines import COMMON, mixed_lines
from PIL import Image
from pictures import TOLERANCE

ROOT = Path(__file__).resolve().parent.parent
WARM_UP = 8  # lines


def options_of(settings: dict) -> list:
    return [word for name, value in settings.items() if value != ""
            for word in ("--" + name.replace("_", "-"), value)]


class Commands:
    """Commands that make the pictures of some lines in a folder, each way under the same names."""

    def __init__(self, options: argparse.Namespace, scratch: Path):
        self.scratch = scratch
        self.program = options.build / "velatura"
        self.model = ROOT / "models/demo"
        self.threads = options.threads
        self.settings = options_of(dict(model=self.model, threads=self.threads, device="cpu", dtype="float32"))

    def one(self, case: dict, output: Path) -> list:
        rest = {name: value for name, value in case.items() if name not in ("task", "prompt")}
        return [self.program, case["task"], case["prompt"], "-o", output, *self.settings, *options_of(rest)]

    def single(self, lines: list, folder: Path) -> list[list]:
        return [self.one(case, folder / f"{i:05}.png") for i, (_, case) in enumerate(lines)]

    def batch(self, lines: list, folder: Path, size: int) -> list[list]:
        file = self.scratch / "jobs.txt"
        file.write_text("".join(f"{line}\n" for line, _ in lines))
        return [[self.program, "batch", "--from-file", file, "-o", folder / "{seq:05}.png",
                 "--batch-size", size, *self.settings, *options_of(COMMON)]]

    def diffusers(self, lines: list, folder: Path) -> list[list]:
        file = self.scratch / "cases.json"
        file.write_text(json.dumps([case for _, case in lines]))
        return [[sys.executable, ROOT / "scripts/bench_batch_diffusers.py", self.model, file, folder,
                 self.threads]]


class Run(NamedTuple):
    seconds: float
    peak_mib: float
    said: str  # the last line of the last command


def run(commands: list[list]) -> Run:
    # Threads that spin while they wait get in each other's way on a machine that is not idle.
    environment = {"OMP_WAIT_POLICY": "passive"} | os.environ
    start, peak, said = time.perf_counter(), 0, ""
    for command in commands:
        process = subprocess.Popen([str(word) for word in command], env=environment, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"{said}\n{' '.join(process.args)}: exit code {process.returncode}")
        peak = max(peak, usage.ru_maxrss)
    return Run(time.perf_counter() - start, peak / 1024, said.splitlines()[-1])


def row(name: str, pictures: int, seconds: list[float], runs: list[Run]) -> None:
    median = statistics.median(seconds)
    peak = statistics.median(run.peak_mib for run in runs)
    print(f"| {name} | {60 * pictures / median:.0f} | {median:.1f} | {peak:.0f} |")


def levels(one: Path, other: Path, names: list[str]) -> tuple[int, str]:
    """The largest difference of all pictures, and that in words."""
    pairs = [[np.asarray(Image.open(folder / name), int) for folder in (one, other)] for name in names]
    largest = [int(np.abs(a - b).max()) for a, b in pairs]
    return max(largest), (
        f"of {len(names)} pictures {largest.count(0)} equal, {sum(level <= 1 for level in largest)} to one level; "
        f"largest difference {max(largest)}")


def bench(options: argparse.Namespace, scratch: Path) -> bool:
    commands = Commands(options, scratch)
    image = scratch / "image.png"
    run([commands.one(COMMON | dict(task="txt2img", prompt="a green star at sunset"), image)])
    lines = mixed_lines(options.lines, image)
    ways = {
        "velatura batch": partial(commands.batch, size=1),
        "velatura batch --batch-size 4": partial(commands.batch, size=4),
        "velatura, a process a line": commands.single,
        "diffusers, loaded once, a call a line": commands.diffusers,
    }
    for way in ways.values():
        run(way(lines[:WARM_UP], Path(tempfile.mkdtemp(dir=scratch))))
    folders, runs = {}, {name: [] for name in ways}
    for _ in range(options.rounds):
        for name, way in ways.items():
            folders[name] = Path(tempfile.mkdtemp(dir=scratch))
            runs[name].append(run(way(lines, folders[name])))

    print(f"{len(lines)} lines, {options.threads} threads, median of {options.rounds}\n")
    print("| | pictures a minute | seconds | peak memory, MiB |\n|---|---|---|---|")
    for name, of in runs.items():
        row(name, len(lines), [run.seconds for run in of], of)
    row("its loop alone, without start-up", len(lines), [float(run.said) for run in of], of)
    print()
    batch, by_four, single, diffusers = folders.values()
    names = [f"{i:05}.png" for i in range(len(lines))]
    apart, in_words = levels(batch, single, names)
    print(f"batch and single runs: {in_words}")
    print(f"--batch-size 4 and 1: {levels(by_four, batch, names)[1]}")
    print(f"diffusers and velatura: {levels(diffusers, batch, names)[1]}")
    return apart <= TOLERANCE


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--lines", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each way, in turn")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        return 0 if bench(options, Path(scratch)) else 1


if __name__ == "__main__":
    sys.exit(main())
