"""Times one diffusers run stage by stage and prints one JSON object, as velatura_bench does.

Usage: bench_diffusers.py TASK MODEL DTYPE SIZE STEPS [DEVICE [LORA or folder of a CONTROLNET]]
       [--compile] [--channels-last] [--freeze]
"""

import functools
import json
import resource
import statistics
import sys
import time
from pathlib import Path

start = time.perf_counter()
import diffusers  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
from PIL import Image  # noqa: E402

PIPELINES = {
    "txt2img": None,  # as the model says
    "img2img": "StableDiffusionImg2ImgPipeline",
    "inpaint": "StableDiffusionInpaintPipeline",
    "upscale": "StableDiffusionUpscalePipeline",
}
PROMPT = "a photo of an astronaut riding a horse"
control = next((a for a in sys.argv[7:8] if Path(a).is_dir()), None)
kind = json.loads((Path(sys.argv[2]) / "model_index.json").read_text())["_class_name"]
pipeline = getattr(diffusers, "StableDiffusionControlNetPipeline" if control else PIPELINES[sys.argv[1]] or kind)
prior = diffusers.KandinskyPriorPipeline if kind == "KandinskyPipeline" else diffusers.KandinskyV22PriorPipeline
imported = time.perf_counter() - start


def peak_gib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def gradient(size: int) -> Image.Image:
    """A square picture that goes in."""
    ramp = np.broadcast_to(255 * np.arange(size) // size, (size, size))
    return Image.fromarray(np.stack([ramp, ramp.T, np.full_like(ramp, 128)], -1).astype(np.uint8))


def hole(size: int) -> Image.Image:
    """White in the middle, a quarter of the picture."""
    mask = Image.new("L", (size, size))
    mask.paste(255, (size // 4, size // 4, size * 3 // 4, size * 3 // 4))
    return mask


def task_arguments(task: str, size: int) -> dict:
    """For a square picture of that size. Where a picture goes in, all steps are done on it."""
    square = dict(width=size, height=size)
    return {
        "txt2img": lambda: square,
        "img2img": lambda: dict(image=gradient(size), strength=1.0),
        "inpaint": lambda: square | dict(image=gradient(size), mask_image=hole(size), strength=1.0),
        "upscale": lambda: dict(image=gradient(size // 4)),
    }[task]()


def texts_of(pipe, folder: Path, dtype: torch.dtype, device: str) -> dict:
    """What the pipeline is told beside the size. Kandinsky's prior is gone afterwards."""
    if kind.startswith("Kandinsky"):
        pictured = prior.from_pretrained(folder.parent / "prior", torch_dtype=dtype).to(device)
        pictured.set_progress_bar_config(disable=True)
        return dict(pictured(PROMPT, generator=torch.Generator("cpu").manual_seed(0))) | (
            dict(prompt=PROMPT) if kind == "KandinskyPipeline" else {})
    names = ["prompt_embeds", "negative_prompt_embeds"]
    if kind.startswith("StableDiffusionXL"):
        names += ["pooled_prompt_embeds", "negative_pooled_prompt_embeds"]
        return dict(zip(names, pipe.encode_prompt(PROMPT, None, device, 1, True, "")))
    return dict(zip(names, pipe.encode_prompt(PROMPT, device, 1, True, "")))


def main() -> None:
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    task, folder, dtype, size, steps = *arguments[:3], int(arguments[3]), int(arguments[4])
    device = arguments[5] if len(arguments) > 5 else "cpu"

    def now() -> float:
        if device != "cpu":
            torch.cuda.synchronize()
        return time.perf_counter()

    begin = now()
    more, shown = {}, {}
    if control:
        more = dict(controlnet=diffusers.ControlNetModel.from_pretrained(control, torch_dtype=getattr(torch, dtype)))
        shown = dict(image=gradient(size))
    pipe = pipeline.from_pretrained(folder, dtype=getattr(torch, dtype), **more).to(device)
    config = {key: value for key, value in pipe.scheduler.config.items() if key != "variance_type"}
    pipe.scheduler = diffusers.DDIMScheduler.from_config(config)
    pipe.set_progress_bar_config(disable=True)
    vae = pipe.movq if kind.startswith("Kandinsky") else pipe.vae
    if "--channels-last" in sys.argv:
        for network in (pipe.unet, vae):
            network.to(memory_format=torch.channels_last)
    if "--freeze" in sys.argv:
        torch._inductor.config.freezing = True
        vae.decoder = torch.compile(vae.decoder)
    if "--compile" in sys.argv:
        pipe.unet = torch.compile(pipe.unet)
    loaded, loaded_peak = now(), peak_gib()
    times: list[float] = []
    worked: list[float] = []  # seconds of the processor
    step = pipe.scheduler.step

    @functools.wraps(step)  # pipelines look at its parameters
    def timed_step(*args, **kwargs):
        result = step(*args, **kwargs)
        times.append(now())
        worked.append(time.process_time())
        return result

    decode, begun = vae.decode, []

    def timed_decode(*args, **kwargs):
        begun.extend((now(), time.process_time()))
        return decode(*args, **kwargs)

    pipe.scheduler.step, vae.decode = timed_step, timed_decode
    with torch.inference_mode():
        texts = texts_of(pipe, Path(folder), getattr(torch, dtype), device)
        encoded = now()
        pipe(num_inference_steps=steps, generator=torch.Generator("cpu").manual_seed(0),
             **texts | task_arguments(task, size) | shown)
        decoded, decoded_cpu = now(), time.process_time()
    denoised, denoised_cpu = begun
    gaps = [b - a for a, b in zip(times, times[1:])]
    result = {
        "import_s": imported, "load_s": loaded - begin, "load_peak_gib": loaded_peak,
        "encode_s": encoded - loaded, "first_step_s": times[0] - encoded,
        "step_s": statistics.median(gaps), "decode_s": decoded - denoised,
        "step_cpu_s": statistics.median([b - a for a, b in zip(worked, worked[1:])]),
        "decode_cpu_s": decoded_cpu - denoised_cpu,
        "work_s": decoded - begin, "total_s": decoded - start, "peak_gib": peak_gib(),
    }
    if len(arguments) > 6 and not control:  # the same again with a LoRA in the weights
        begin = now()
        pipe.load_lora_weights(arguments[6])
        pipe.fuse_lora()
        pipe.unload_lora_weights()
        texts = texts_of(pipe, Path(folder), getattr(torch, dtype), device)
        merged = now()
        times.clear()
        with torch.inference_mode():
            pipe(num_inference_steps=steps, output_type="latent", **texts | task_arguments(task, size))
        gaps = [b - a for a, b in zip(times, times[1:])]
        result |= {"merge_s": merged - begin, "lora_step_s": statistics.median(gaps), "lora_peak_gib": peak_gib()}
    print(json.dumps(result))


main()
