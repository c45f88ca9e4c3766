"""Times one diffusers run stage by stage and prints one JSON object, as velatura_bench does.

Usage: bench_diffusers.py MODEL DTYPE SIZE STEPS [DEVICE] [--compile]
"""

import json
import resource
import statistics
import sys
import time

start = time.perf_counter()
import torch  # noqa: E402
from diffusers import DDIMScheduler, StableDiffusionPipeline  # noqa: E402

imported = time.perf_counter() - start


def peak_gib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> None:
    arguments = [a for a in sys.argv[1:] if a != "--compile"]
    folder, dtype, size, steps = arguments[0], arguments[1], int(arguments[2]), int(arguments[3])
    device = arguments[4] if len(arguments) > 4 else "cpu"

    def now() -> float:
        if device != "cpu":
            torch.cuda.synchronize()
        return time.perf_counter()

    begin = now()
    pipe = StableDiffusionPipeline.from_pretrained(folder, dtype=getattr(torch, dtype)).to(device)
    pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config)
    pipe.set_progress_bar_config(disable=True)
    if "--compile" in sys.argv:
        pipe.unet = torch.compile(pipe.unet)
    loaded, loaded_peak = now(), peak_gib()
    with torch.inference_mode():
        positive, negative = pipe.encode_prompt(
            "a photo of an astronaut riding a horse", device, 1, True, "")
        encoded = now()
        times: list[float] = []

        def on_step(_pipe, _step, _timestep, values):
            times.append(now())
            return values

        latents = pipe(
            prompt_embeds=positive, negative_prompt_embeds=negative, num_inference_steps=steps,
            width=size, height=size, generator=torch.Generator("cpu").manual_seed(0),
            output_type="latent", callback_on_step_end=on_step,
        ).images
        denoised = now()
        pipe.image_processor.postprocess(
            pipe.vae.decode(latents / pipe.vae.config.scaling_factor).sample, output_type="pil")
        decoded = now()
    gaps = [b - a for a, b in zip(times, times[1:])]
    print(json.dumps({
        "import_s": imported, "load_s": loaded - begin, "load_peak_gib": loaded_peak,
        "encode_s": encoded - loaded, "first_step_s": times[0] - encoded,
        "step_s": statistics.median(gaps), "decode_s": decoded - denoised,
        "total_s": decoded - start, "peak_gib": peak_gib(),
    }))


main()
