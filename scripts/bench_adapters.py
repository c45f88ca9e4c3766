"""What a ControlNet costs: a step with one against a plain step, velatura and diffusers in turn on the
same random full-size weights of Stable Diffusion 1.5; medians in a table."""

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import ROOT, TASKS, make_model, result_of

MOST = 1.45  # times a plain step; by operations it is 1.41


def make_controlnet(folder: Path, model: Path) -> None:
    subprocess.run([sys.executable, "-c", "import sys; sys.path[:0] = [sys.argv[1], sys.argv[1] + '/fixtures']; "
                    "from diffusers import ControlNetModel, UNet2DConditionModel; "
                    "from random_weights import randomise; "
                    "net = ControlNetModel.from_unet(UNet2DConditionModel.from_pretrained(sys.argv[3])); "
                    "randomise(net, gain=0.25).save_pretrained(sys.argv[2])",
                    ROOT / "scripts", folder, model / "unet"], check=True, stderr=subprocess.DEVNULL)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each, in turn")
    parser.add_argument("--size", type=int, default=512, help="pixels a side")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtypes", default="float32,bfloat16")
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    options = parser.parse_args()
    slow = False
    with tempfile.TemporaryDirectory() as scratch:
        model, net = Path(scratch) / "model", Path(scratch) / "net"
        make_model(model, TASKS["txt2img"])
        make_controlnet(net, model)
        print(f"{options.size}², {options.steps} DDIM steps, {options.device}, median of {options.rounds}\n")
        print("| a step (CFG pair), s | plain | with a ControlNet | ratio |\n|---|---|---|---|")
        for dtype in options.dtypes.split(","):
            arguments = ["txt2img", model, dtype, options.size, options.steps, options.device]
            for name, program in (("velatura", [options.build / "velatura_bench"]),
                                  ("diffusers", [sys.executable, ROOT / "scripts/bench_diffusers.py"])):
                pairs = [[result_of([*program, *arguments, *more])["step_s"] for more in ([], [net])]
                         for _ in range(options.rounds)]
                plain, steered = (statistics.median(times) for times in zip(*pairs))
                print(f"| {name}, {dtype} | {plain:.2f} | {steered:.2f} | {steered / plain:.2f}× |", flush=True)
                slow = slow or (name == "velatura" and steered / plain > MOST)
    if slow:
        print(f"a step with a ControlNet takes more than {MOST} times a plain one")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
