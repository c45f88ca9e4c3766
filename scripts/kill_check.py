"""Kills `velatura batch` with SIGKILL at random moments, runs the same command again, and compares
what is there in the end with what an uninterrupted run makes, until it has been killed N times.

After every kill: each picture that is there under its name is whole, and the uninterrupted run's but
for rounding (see pictures.py: which lines share a batch depends on when the kill came). When a batch has been completed: nothing is missing, nothing is there twice,
no temporary file is left, and nothing was made again that was there. Ends with one line of figures;
exit code 1 if anything was lost.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pictures import pictures, why_different

ROOT = Path(__file__).resolve().parent.parent


def job_lines(count: int) -> str:
    """Lines of every form, most of them with seeds of their own."""
    colours, shapes = ("red", "blue", "green", "yellow"), ("circle", "star", "ring", "heart")
    lines = []
    for i in range(count):
        prompt = f"a {colours[i % 4]} {shapes[i // 4 % 4]}"
        lines.append(
            (
                f"{prompt} --d {i}",
                f'--prompt "{prompt}" --seed {i} --n_iter 2',
                json.dumps({"prompt": prompt, "seed": i, "cfg_scale": 4, "steps": 3}),
                f"{prompt} --seed {i} --sampler euler_a",
            )[i % 4]
        )
    return "\n".join(lines) + "\n"


def events(folder: Path, name: str) -> list[str]:
    """The ids of all pictures that a batch's journal says were saved, in order."""
    ids = []
    for line in (folder / "jobs.journal.jsonl").read_text().splitlines():
        record = json.loads(line)
        if record.get("event") == name:
            ids.append(record["id"])
    return ids


class Check:
    def __init__(self, options: argparse.Namespace, folder: Path):
        self.options, self.folder = options, folder
        self.jobs = folder / "jobs.txt"
        self.jobs.write_text(job_lines(options.lines))
        self.kills = self.batches = self.lost = self.temporaries = 0
        start = time.monotonic()
        self.expected = self.finish(folder / "whole")
        self.seconds = time.monotonic() - start

    def command(self, output: Path) -> list[str]:
        return [
            str(self.options.velatura), "batch", "--from-file", str(self.jobs), "-o", f"{output}/",
            "--model", str(self.options.model), "--steps", "2", "--quiet", "--threads", "1",
            "--device", "cpu", "--batch-size", str(self.options.batch_size),
        ]  # fmt: skip

    def finish(self, output: Path) -> dict[str, bytes]:
        subprocess.run(self.command(output), check=True, stdout=subprocess.DEVNULL)
        return pictures(output)

    def report(self, what: str) -> None:
        self.lost += 1
        print(f"kill {self.kills}: {what}", file=sys.stderr)

    def compare(self, output: Path) -> None:
        for name, content in pictures(output).items():
            if name not in self.expected:
                self.report(f"{name} is not of an uninterrupted run")
            elif why := why_different(self.expected[name], content):
                self.report(f"{name} is not what an uninterrupted run makes: {why}")

    def batch(self) -> None:
        """One batch, killed again and again until it is complete."""
        output = self.folder / f"batch-{self.batches}"
        while self.kills < self.options.kills:
            process = subprocess.Popen(self.command(output), stdout=subprocess.DEVNULL)
            try:
                process.wait(random.uniform(0, self.seconds))
                if process.returncode != 0:
                    self.report(f"exit code {process.returncode}")
                break  # complete before the kill
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
            self.kills += 1
            self.temporaries += len(list(output.glob(".velatura-*.part")))
            self.compare(output)
        self.finish(output)
        self.compare(output)
        if pictures(output).keys() != self.expected.keys():
            self.report("pictures are missing")
        if left := list(output.glob(".velatura-*")):
            self.report(f"left behind: {', '.join(path.name for path in left)}")
        saved = events(output, "saved")
        if len(saved) - len(set(saved)) > 0:
            self.report("a picture was made though it was there")
        self.batches += 1

    def run(self) -> bool:
        while self.kills < self.options.kills:
            self.batch()
        print(
            f"{self.kills} kills in {self.batches} batches of {len(self.expected)} pictures, "
            f"{self.temporaries} times amid writing a file: {self.lost} losses"
        )
        return self.lost == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--lines", type=int, default=12)
    parser.add_argument("--batch-size", type=int, default=1)
    parser.add_argument("--model", default=ROOT / "tests/fixtures/models/tiny")
    parser.add_argument("--velatura", type=Path, default=ROOT / "build/release/velatura")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random.seed(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        return 0 if Check(options, Path(folder)).run() else 1


if __name__ == "__main__":
    sys.exit(main())
