"""velatura and diffusers in turn on the same random full-size weights; medians in a table."""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
STAGES = [
    ("load from warm cache, s", "load_s"), ("peak memory after loading, GiB", "load_peak_gib"),
    ("text encoding, s", "encode_s"), ("first step, s", "first_step_s"), ("load and first step, s", "ready_s"),
    ("a step (CFG pair), s", "step_s"), ("a step, CPU s", "step_cpu_s"), ("VAE decode, s", "decode_s"),
    ("peak memory, GiB", "peak_gib"), ("whole command, s", "total_s"),
]
# Of the tasks that begin with a picture, which is encoded within what is the first step above.
FIGURES = [("a step (CFG pair), s", "step_s"), ("peak memory, GiB", "peak_gib"),
           ("load to picture, without start-up, s", "work_s")]


class Task(NamedTuple):
    maker: tuple[str, ...]  # a module of scripts/oracle and what its full() is told
    prefix: str  # of its rows
    rows: list[tuple[str, str]]
    task: str = "txt2img"
    part: str = ""  # the folder in what the maker writes


def ordinary(task: str, prefix: str, rows: list, family: str = "stable-diffusion-1", made_for: str = "txt2img") -> Task:
    return Task(("models", family, made_for), prefix, rows, task)


TASKS = {
    "txt2img": ordinary("txt2img", "", STAGES),
    "img2img": ordinary("img2img", "img2img, ", FIGURES),
    "inpaint": ordinary("inpaint", "inpaint (9 channels), ", FIGURES, made_for="inpaint"),
    "upscale": ordinary("upscale", "upscale, ", FIGURES, "stable-diffusion-x4-upscaler", "upscale"),
    # Files in half precision, as most are that people have.
    "sdxl": Task(("xl", "base", "float16"), "", STAGES),
    "kandinsky-2.1": Task(("kandinsky", "2.1", "float16"), "2.1, ", STAGES, part="decoder"),
    "kandinsky-2.2": Task(("kandinsky", "2.2", "float16"), "2.2, ", STAGES, part="decoder"),
}
ONE_FAMILY = ("txt2img", "img2img", "inpaint", "upscale")  # unless others are asked for


def timed(command: list) -> float:
    start = time.perf_counter()
    subprocess.run([str(c) for c in command], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def warm(model: Path) -> None:
    """Its weights into the page cache, from which what ran before may have driven them."""
    files = [path for path in model.rglob("*") if path.suffix in (".safetensors", ".bin")]
    subprocess.run(["cat", *map(str, files)], stdout=subprocess.DEVNULL, check=True)


def figures_in(printed: str) -> dict:
    """What a benchmark prints last, and what a user waits for until the first step is done: some lay weights
    out for their operators while loading, others while computing."""
    figures = json.loads(printed.splitlines()[-1])
    return figures | ({"ready_s": figures["load_s"] + figures["first_step_s"]} if "load_s" in figures else {})


def result_of(command: list, model: Path) -> dict:
    warm(model)
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{done.stderr}\n{' '.join(map(str, command))}: exit code {done.returncode}")
    return figures_in(done.stdout)


def row(name: str, ours: list[float], theirs: list[float]) -> None:
    a, b = statistics.median(ours), statistics.median(theirs)
    print(f"| {name} | {a:.2f} | {b:.2f} | {b / a:.2f}× |", flush=True)


def make_model(folder: Path, task: Task) -> None:
    """In a process of its own: a child's peak memory begins at its parent's."""
    if not folder.exists():
        subprocess.run([sys.executable, "-c", "import sys; sys.path[1:1] = sys.argv[1:3]; import importlib; "
                        "from pathlib import Path; "
                        "importlib.import_module('oracle.' + sys.argv[4]).full(Path(sys.argv[3]), *sys.argv[5:])",
                        ROOT / "scripts", ROOT / "scripts/fixtures", folder, *task.maker],
                       check=True, stderr=subprocess.DEVNULL)


def bench(name: str, model: Path, options: argparse.Namespace) -> None:
    for dtype in options.dtypes.split(","):
        arguments = [TASKS[name].task, model / TASKS[name].part, dtype, options.size, options.steps, options.device]
        pairs = [(result_of([options.build / "velatura_bench", *arguments], model),
                  result_of([sys.executable, ROOT / "scripts/bench_diffusers.py", *arguments], model))
                 for _ in range(options.rounds)]
        for figure, key in TASKS[name].rows:
            row(f"{TASKS[name].prefix}{dtype}: {figure}", [ours[key] for ours, _ in pairs],
                [theirs[key] for _, theirs in pairs])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each, in turn")
    parser.add_argument("--size", type=int, default=512, help="pixels a side of what comes out")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtypes", default="float32,bfloat16")
    parser.add_argument("--tasks", default=",".join(ONE_FAMILY), help=f"of {', '.join(TASKS)}")
    parser.add_argument("--model", type=Path,
                        help="a diffusers folder (Kandinsky: one with decoder/ and prior/) for the first task and those of the same "
                        "model, made with random weights if it is not there; else a temporary one")
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    options = parser.parse_args()
    names = options.tasks.split(",")
    if unknown := set(names) - set(TASKS):
        parser.error(f"--tasks: no {', '.join(sorted(unknown))}; there are {', '.join(TASKS)}")

    print(f"{options.size}², {options.steps} DDIM steps, {options.device}, median of {options.rounds}\n")
    print("| | velatura | diffusers | ratio |\n|---|---|---|---|")
    starts = [(timed([options.build / "velatura", "--version"]),
               timed([sys.executable, "-c", "from diffusers import StableDiffusionPipeline"]))
              for _ in range(options.rounds)]
    row("start-up, s", *zip(*starts))
    # One model at a time: each takes gigabytes of disk.
    for maker in dict.fromkeys(TASKS[name].maker for name in names):
        with tempfile.TemporaryDirectory() as scratch:
            model = Path(scratch) / "model"
            if maker == TASKS[names[0]].maker and options.model:
                model = options.model
            for name in names:
                if TASKS[name].maker == maker:
                    make_model(model, TASKS[name])
                    bench(name, model, options)


if __name__ == "__main__":
    main()
