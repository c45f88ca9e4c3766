"""Makes the pictures of a list of cases with diffusers, loaded once, one call a case; prints the
seconds that took, without start-up.

Usage: bench_batch_diffusers.py MODEL CASES.json FOLDER THREADS
"""

import json
import sys
import time
from pathlib import Path

import torch
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent / "fixtures"))
from diffusers_tasks import PIPELINES, Inputs, arguments_of, use_sampler  # noqa: E402
from tiny_pipeline import load  # noqa: E402


def main() -> None:
    model, cases, folder, threads = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    torch.set_num_threads(threads)
    pipe = load(model)
    scheduler = pipe.scheduler
    pipes = {task: PIPELINES[task](**pipe.components) for task in ("txt2img", "img2img")}
    for task in pipes.values():
        task.set_progress_bar_config(disable=True)

    start = time.perf_counter()
    for i, case in enumerate(json.loads(cases.read_text())):
        pipe = pipes[case["task"]]
        pipe.scheduler = scheduler
        use_sampler(pipe, case["sampler"])
        inputs = Inputs(Image.open(case["image"]).convert("RGB")) if "image" in case else Inputs()
        generator = torch.Generator("cpu").manual_seed(case["seed"])
        pipe(**arguments_of(case, inputs), generator=generator).images[0].save(folder / f"{i:05}.png")
    print(time.perf_counter() - start)


main()
