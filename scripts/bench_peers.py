"""velatura beside the programs that a user would pick instead, in turn; medians in a table.

The same random full-size Stable Diffusion 1.5 weights, size, steps and DDIM for all: diffusers with
channels_last and the same with torch.compile; on the CPU, where compiling freezes the weights, also
OpenVINO GenAI with static shapes, and stable-diffusion.cpp where SDCPP names its program (in float16,
its like of bfloat16; its own Euler sampler). Seconds of the processor are those of all threads: on a
shared machine they are steadier. On a GPU velatura also runs without queueing its steps as graphs; memory
is all that the GPU has in use while the program runs.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import ROOT, TASKS, figures_in, make_model, warm

FIGURES = [("load from warm cache, s", "load_s"), ("load and first step, s", "ready_s"), ("a step (CFG pair), s", "step_s"),
           ("a step, CPU s", "step_cpu_s"), ("first step, s", "first_step_s"), ("VAE decode, s", "decode_s"),
           ("VAE decode, CPU s", "decode_cpu_s"), ("peak memory, GiB", "peak_gib"),
           ("peak memory of the GPU, GiB", "gpu_gib"), ("whole command, s", "total_s"),
           ("whole command, CPU s", "total_cpu_s")]
OPENVINO = ROOT / "build/openvino"
PACKAGES = ROOT / "scripts/requirements-openvino.txt"


class GpuMemory:
    """The most that is in use while the block runs, asked for every 20 ms."""

    def __enter__(self) -> "GpuMemory":
        self.log = tempfile.TemporaryFile("w+")
        self.watcher = subprocess.Popen(["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits",
                                         "-lms", "20"], stdout=self.log)
        return self

    def __exit__(self, *_) -> None:
        self.watcher.terminate()
        self.watcher.wait()
        self.log.seek(0)
        self.gib = max((int(line) for line in self.log.read().split()), default=0) / 2**10


def run(command: list, threads: int, **environment: str) -> tuple[str, dict]:
    """What it prints, and what the whole of it takes."""
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        child = subprocess.Popen([str(word) for word in command], stdout=out, stderr=err,
                                 env=os.environ | {"OMP_NUM_THREADS": str(threads)} | environment)
        _, status, usage = os.wait4(child.pid, 0)
        for file in (out, err):
            file.seek(0)
        text = out.read()
        if status != 0:
            sys.exit(f"{err.read()}\n{' '.join(map(str, command))}: exit code {os.waitstatus_to_exitcode(status)}")
    return text, {"total_s": time.perf_counter() - start, "total_cpu_s": usage.ru_utime + usage.ru_stime,
                  "peak_gib": usage.ru_maxrss / 2**20}


class Program:
    """One that prints its figures as JSON."""

    def __init__(self, name: str, command: list, **environment: str):
        self.name, self.command, self.environment = name, command, environment

    def figures(self, dtype: str, options: argparse.Namespace) -> dict:
        filled = [str(word).format(dtype=dtype) for word in self.command]
        if options.device == "cpu":
            text, whole = run(filled, options.threads, **self.environment)
        else:
            with GpuMemory() as memory:
                text, whole = run(filled, options.threads, **self.environment)
            whole["gpu_gib"] = memory.gib
        return figures_in(text) | whole


class StableDiffusionCpp:
    """Its figures are in what it prints for people."""

    name = "stable-diffusion.cpp"

    def __init__(self, program: str, model: Path):
        self.program, self.model = program, model

    def figures(self, dtype: str, options: argparse.Namespace) -> dict:
        text, whole = run([self.program, "-m", self.model, "-p", "a photo of an astronaut riding a horse", "-W",
                           options.size, "-H", options.size, "--steps", options.steps, "--cfg-scale", 7.5, "-t",
                           options.threads, "--type", {"bfloat16": "f16", "float32": "f32"}[dtype], "-o",
                           self.model.with_suffix(".png")], options.threads)

        def seconds(what: str) -> float | None:
            found = re.search(what + r"[^\n]*?taking ([0-9.]+)s", text)
            return float(found[1]) if found else None

        sampling, decoding = seconds("sampling"), seconds("decode_first_stage")
        return whole | ({} if sampling is None else {"step_s": sampling / options.steps}) | (
            {} if decoding is None else {"decode_s": decoding})


def exported(model: Path) -> Path:
    return model.with_name(model.name + "-openvino")


def openvino(model: Path, options: argparse.Namespace) -> Program:
    """In an environment of its own, which borrows PyTorch for the export alone; that stays beside the model."""
    python = OPENVINO / "bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", OPENVINO], check=True)
    subprocess.run([python, "-m", "pip", "install", "-q", "-r", PACKAGES], check=True)
    if not exported(model).exists():
        borrowed = next(path for path in sys.path if path.endswith("site-packages"))
        subprocess.run([python, ROOT / "scripts/bench_openvino.py", "export", model, exported(model)], check=True,
                       env=os.environ | {"PYTHONPATH": borrowed}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return Program("OpenVINO GenAI", [python, ROOT / "scripts/bench_openvino.py", exported(model), "{dtype}", options.size,
                                      options.steps, options.threads])


def programs(model: Path, scratch: Path, options: argparse.Namespace) -> list:
    arguments = ["txt2img", model, "{dtype}", options.size, options.steps, options.device]
    diffusers = [sys.executable, ROOT / "scripts/bench_diffusers.py", *arguments, "--channels-last"]
    chosen = options.only.split(",")
    velatura = [options.build / "velatura_bench", *arguments]
    made = [Program("velatura", velatura, OMP_WAIT_POLICY="passive")]
    on_cpu = options.device == "cpu"
    if not on_cpu:
        made.append(Program("velatura without graphs", velatura, VELATURA_CUDA_GRAPHS="off"))
    if on_cpu and "int8" in chosen:
        with_int8 = [word if word != "{dtype}" else "int8" for word in velatura]
        made.append(Program("velatura, int8", with_int8, OMP_WAIT_POLICY="passive"))
    if "diffusers" in chosen:
        made.append(Program("diffusers", diffusers))
    if "compile" in chosen:
        made.append(Program("torch.compile", [*diffusers, "--compile", *(["--freeze"] if on_cpu else [])]))
    if "openvino" in chosen and on_cpu:
        made.append(openvino(model, options))
    if on_cpu and (program := os.environ.get("SDCPP")):
        file = scratch / "model.safetensors"
        subprocess.run([options.build / "velatura", "convert", model, file, "-q"], check=True)
        made.append(StableDiffusionCpp(program, file))
    return made


def compare(dtype: str, peers: list, weights: list[Path], options: argparse.Namespace) -> None:
    def measured(program: Program | StableDiffusionCpp) -> dict:
        for folder in weights:
            warm(folder)
        return program.figures(dtype, options)

    rounds = [[measured(program) for program in peers] for _ in range(options.rounds)]
    print(f"\n| {dtype} | {' | '.join(program.name for program in peers)} |\n|{'---|' * (len(peers) + 1)}")
    for figure, key in FIGURES:
        medians = [statistics.median(of[i][key] for of in rounds) if key in rounds[0][i] else None
                   for i in range(len(peers))]
        ours = medians[0]
        if ours is None:
            continue
        cells = [f"{ours:.3g}"] + ["–" if m is None else f"{m:.3g} ({m / ours:.2f}×)" for m in medians[1:]]
        print(f"| {figure} | {' | '.join(cells)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each, in turn")
    parser.add_argument("--size", type=int, default=512, help="pixels a side")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--dtypes", default="bfloat16,float32")
    parser.add_argument("--only", default="diffusers,compile,openvino", help="of these peers; int8 is velatura's own")
    parser.add_argument("--model", type=Path, help="a diffusers folder, made with random Stable Diffusion 1.5 weights if it is not there; else a temporary one")
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    options = parser.parse_args()
    if options.steps < 2:
        parser.error("--steps: 2 or more, the first of which is not counted")
    with tempfile.TemporaryDirectory() as scratch:
        model = options.model or Path(scratch) / "model"
        make_model(model, TASKS["txt2img"])
        peers = programs(model, Path(scratch), options)
        print(f"{options.size}², {options.steps} steps, {options.device}, {options.threads} threads, "
              f"median of {options.rounds}")
        for dtype in options.dtypes.split(","):
            compare(dtype, peers, [folder for folder in (model, exported(model)) if folder.exists()], options)


if __name__ == "__main__":
    main()
