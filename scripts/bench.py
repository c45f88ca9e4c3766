"""velatura and diffusers in turn on the same random full-size weights; medians in a table."""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROWS = [
    ("load from warm cache, s", "load_s"), ("peak memory after loading, GiB", "load_peak_gib"),
    ("text encoding, s", "encode_s"), ("first step, s", "first_step_s"),
    ("a step (CFG pair), s", "step_s"), ("VAE decode, s", "decode_s"),
    ("peak memory, GiB", "peak_gib"), ("whole command, s", "total_s"),
]


def timed(command: list) -> float:
    start = time.perf_counter()
    subprocess.run([str(c) for c in command], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def result_of(command: list) -> dict:
    out = subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True).stdout
    return json.loads(out.splitlines()[-1])


def row(name: str, ours: list[float], theirs: list[float]) -> None:
    a, b = statistics.median(ours), statistics.median(theirs)
    print(f"| {name} | {a:.2f} | {b:.2f} | {b / a:.2f}× |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each, in turn")
    parser.add_argument("--size", type=int, default=512, help="pixels a side")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtypes", default="float32,bfloat16")
    parser.add_argument("--model", type=Path, help="a diffusers folder; else random SD 1.5 weights")
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    options = parser.parse_args()
    scratch = tempfile.TemporaryDirectory()
    model = options.model
    if model is None:
        model = Path(scratch.name) / "model"
        # In a process of its own, so that its memory is free again.
        subprocess.run([sys.executable, "-c", "import sys; sys.path.insert(0, sys.argv[1]); "
                        "from pathlib import Path; from oracle.models import full; "
                        "full(Path(sys.argv[2]), 'stable-diffusion-1')",
                        ROOT / "scripts", model], check=True, stderr=subprocess.DEVNULL)
    # Into the page cache; by another process, since a child's peak memory begins at its parent's.
    subprocess.run(["cat", *map(str, model.rglob("*.safetensors"))], stdout=subprocess.DEVNULL)

    print(f"{options.size}², {options.steps} DDIM steps, {options.device}, median of {options.rounds}\n")
    print("| | velatura | diffusers | ratio |\n|---|---|---|---|")
    python, theirs_script = sys.executable, ROOT / "scripts/bench_diffusers.py"
    starts = [(timed([options.build / "velatura", "--version"]),
               timed([python, "-c", "from diffusers import StableDiffusionPipeline"]))
              for _ in range(options.rounds)]
    row("start-up, s", *zip(*starts))
    for dtype in options.dtypes.split(","):
        arguments = [model, dtype, options.size, options.steps, options.device]
        pairs = [(result_of([options.build / "velatura_bench", *arguments]),
                  result_of([python, theirs_script, *arguments])) for _ in range(options.rounds)]
        for name, key in ROWS:
            row(f"{dtype}: {name}", [ours[key] for ours, _ in pairs], [t[key] for _, t in pairs])


if __name__ == "__main__":
    main()
