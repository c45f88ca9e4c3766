"""What adapters cost on random full-size Stable Diffusion 1.5, velatura and diffusers in turn; medians in
tables. `merge` is everything between a loaded model and one that makes pictures with a LoRA of rank 32 in
its weights; diffusers loads and fuses the same file. A step with a ControlNet is put beside a plain one."""

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import ROOT, TASKS, make_model, result_of, row

ROWS = [("merge a LoRA of rank 32, s", "merge_s"), ("a step without, s", "step_s"), ("a step with it, s", "lora_step_s"),
        ("peak memory without, GiB", "peak_gib"), ("peak memory with it, GiB", "lora_peak_gib")]
LAYERS = ("to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "ff.net.2", "proj_in", "proj_out",
          "q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2")
MOST = 1.45  # a step with a ControlNet, in plain ones; by operations it is 1.41


def write_lora(model: Path, file: Path, rank: int) -> None:
    """kohya's names; every attention and feed-forward layer of UNet and text encoder."""
    import torch
    from safetensors import safe_open
    from safetensors.torch import save_file

    generator = torch.Generator().manual_seed(1)
    tensors = {}
    for prefix, weights in (("lora_unet_", "unet/diffusion_pytorch_model.safetensors"),
                            ("lora_te_", "text_encoder/model.safetensors")):
        with safe_open(model / weights, "pt") as stored:
            for name in stored.keys():
                layer = name.removesuffix(".weight")
                if layer == name or not layer.endswith(LAYERS):
                    continue
                if prefix == "lora_te_" and not layer.startswith("text_model."):
                    layer = "text_model." + layer
                out, into = stored.get_slice(name).get_shape()[:2]
                ones = [1, 1] if layer.endswith(("proj_in", "proj_out")) else []
                stem = prefix + layer.replace(".", "_")
                tensors[stem + ".lora_down.weight"] = 0.02 * torch.randn(rank, into, *ones, generator=generator)
                tensors[stem + ".lora_up.weight"] = 0.02 * torch.randn(out, rank, *ones, generator=generator)
                tensors[stem + ".alpha"] = torch.tensor(float(rank))
    save_file({key: value.half().contiguous() for key, value in tensors.items()}, file)


def make_controlnet(folder: Path, model: Path) -> None:
    subprocess.run([sys.executable, "-c", "import sys; sys.path[:0] = [sys.argv[1], sys.argv[1] + '/fixtures']; "
                    "from diffusers import ControlNetModel, UNet2DConditionModel; "
                    "from random_weights import randomise; "
                    "net = ControlNetModel.from_unet(UNet2DConditionModel.from_pretrained(sys.argv[3])); "
                    "randomise(net, gain=0.25).save_pretrained(sys.argv[2])",
                    ROOT / "scripts", folder, model / "unet"], check=True, stderr=subprocess.DEVNULL)


class Bench:
    def __init__(self, options: argparse.Namespace, model: Path) -> None:
        self.options, self.model = options, model

    def run(self, program: str, dtype: str, *adapter: Path) -> dict:
        options = self.options
        command = ([options.build / "velatura_bench"] if program == "velatura"
                   else [sys.executable, ROOT / "scripts/bench_diffusers.py"])
        return result_of([*command, "txt2img", self.model, dtype, options.size, options.steps, options.device, *adapter], self.model)

    def loras(self, scratch: Path) -> int:
        lora = scratch / "lora.safetensors"
        write_lora(self.model, lora, self.options.rank)
        subprocess.run(["cat", *map(str, self.model.rglob("*.safetensors")), lora], stdout=subprocess.DEVNULL)
        print("| | velatura | diffusers | ratio |\n|---|---|---|---|")
        for dtype in self.options.dtypes.split(","):
            pairs = [(self.run("velatura", dtype, lora), self.run("diffusers", dtype, lora))
                     for _ in range(self.options.rounds)]
            for figure, key in ROWS:
                row(f"{dtype}: {figure}", [ours[key] for ours, _ in pairs], [theirs[key] for _, theirs in pairs])
        return 0

    def controls(self, scratch: Path) -> int:
        net, slow = scratch / "net", False
        make_controlnet(net, self.model)
        print("| a step (CFG pair), s | plain | with a ControlNet | ratio |\n|---|---|---|---|")
        for dtype in self.options.dtypes.split(","):
            for program in ("velatura", "diffusers"):
                pairs = [[self.run(program, dtype, *more)["step_s"] for more in ([], [net])]
                         for _ in range(self.options.rounds)]
                plain, steered = (statistics.median(times) for times in zip(*pairs))
                print(f"| {program}, {dtype} | {plain:.2f} | {steered:.2f} | {steered / plain:.2f}× |", flush=True)
                slow = slow or (program == "velatura" and steered / plain > MOST)
        if slow:
            print(f"a step with a ControlNet takes more than {MOST} times a plain one")
        return 1 if slow else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("loras", "controls"))
    parser.add_argument("--rounds", type=int, default=3, help="runs of each, in turn")
    parser.add_argument("--size", type=int, default=512, help="pixels a side")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtypes", default="float32,bfloat16")
    parser.add_argument("--model", type=Path, help="a diffusers folder; else random SD 1.5 weights")
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        model = options.model or scratch / "model"
        make_model(model, TASKS["txt2img"])
        print(f"{options.size}², {options.steps} DDIM steps, {options.device}, median of {options.rounds}\n")
        for part in [options.only] if options.only else ("loras", "controls"):
            failed |= getattr(Bench(options, model), part)(scratch)
            print()
    return failed


if __name__ == "__main__":
    sys.exit(main())
