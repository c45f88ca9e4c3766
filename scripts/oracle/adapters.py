"""Pictures and boxes beside the prompt: IP-Adapters and GLIGEN, asked of diffusers and of velatura.

A case may have `ip_adapters`: a list of dict(kind, pictures, scale, start, end), and `ground`: phrases
with their boxes, with `ground_beta`.
"""

import json
from functools import partial
from pathlib import Path

import torch
from diffusers import StableDiffusionGLIGENPipeline
from diffusers_tasks import picture
from ip_adapter_weights import flat, ip_adapter
from oracle.models import UNET, full, tiny
from random_weights import randomise
from safetensors.torch import save_file
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

# The image encoder of Stable Diffusion 1.x' adapters (CLIP ViT-H), and the UNet's widths: the way down, the way up,
# the middle.
FULL_VISION = dict(hidden_size=1280, intermediate_size=5120, num_attention_heads=16, num_hidden_layers=32,
                   image_size=224, patch_size=14, projection_dim=1024, hidden_act="gelu")
FULL_WIDTHS = [320] * 2 + [640] * 2 + [1280] * 2 + [1280] * 3 + [640] * 3 + [320] * 3 + [1280]
VISION = dict(hidden_size=32, intermediate_size=37, num_attention_heads=4, num_hidden_layers=3, image_size=56,
              patch_size=14, projection_dim=16)
FILES = {"base": "ip-base.safetensors", "plus": "ip-plus.bin", "full": "ip-full.safetensors"}
# Of oracle.models.UNET.
WIDTHS = [64] * 2 + [64] * 3 + [64]
PICTURE_SIZES = ((72, 60), (50, 91), (56, 56))


def pictured(folder: Path, shape: str = "small", task: str = "txt2img") -> None:
    """A small pipeline with adapters for it, and their image encoder beside them."""
    tiny(folder, shape, task)
    write_adapters(folder, VISION, UNET["cross_attention_dim"], WIDTHS, queries=6)


def fully_pictured(folder: Path) -> None:
    """The same in full size."""
    full(folder, "stable-diffusion-1")
    write_adapters(folder, FULL_VISION, 768, FULL_WIDTHS, queries=16, hidden=768, gain=0.3)


def write_adapters(folder: Path, vision: dict, context: int, widths: list[int], queries: int, hidden: int = 24,
                   gain: float = 1.0) -> None:
    for kind, name in FILES.items():
        weights = ip_adapter(kind, vision["projection_dim" if kind == "base" else "hidden_size"], context, widths,
                             tokens=4 if kind == "base" else queries, hidden=hidden)
        if name.endswith(".bin"):
            torch.save(weights, folder / name)
        else:
            save_file(flat(weights), folder / name)
    encoder = CLIPVisionModelWithProjection(CLIPVisionConfig(**vision))
    randomise(encoder, gain=gain).save_pretrained(folder / "image_encoder")


def grounded(folder: Path, **scheduler) -> None:
    """A small pipeline of GLIGEN's class. @param scheduler  over its config, as other classes rewrite it"""
    tiny(folder, "gated")
    make_grounded(folder, scheduler)


def fully_grounded(folder: Path) -> None:
    """The same in full size."""
    full(folder, "stable-diffusion-1", attention_type="gated")
    make_grounded(folder, {})


def make_grounded(folder: Path, scheduler: dict) -> None:
    for name, more in (("model_index.json", {"_class_name": "StableDiffusionGLIGENPipeline"}),
                       ("scheduler/scheduler_config.json", scheduler)):
        file = folder / name
        file.write_text(json.dumps(json.loads(file.read_text()) | more))


def pictures_of(case: dict) -> list[list]:
    """Of each adapter."""
    return [[picture(*PICTURE_SIZES[(i + j) % 3], seed=20 + 5 * i + j) for j in range(adapter.get("pictures", 1))]
            for i, adapter in enumerate(case["ip_adapters"])]


def holds(adapter: dict, step: int, steps: int) -> bool:
    return not (step / steps < adapter.get("start", 0.0) or (step + 1) / steps > adapter.get("end", 1.0))


def give_pictures(pipe, folder: Path, case: dict, arguments: dict) -> None:
    adapters = case["ip_adapters"]
    pipe.load_ip_adapter(str(folder), subfolder="", weight_name=[FILES[a["kind"]] for a in adapters],
                         image_encoder_folder="image_encoder")
    arguments["ip_adapter_image"] = pictures_of(case)
    steps = None

    def use(step: int) -> None:
        pipe.set_ip_adapter_scale([a.get("scale", 1.0) if holds(a, step, steps) else 0.0 for a in adapters])

    def next_step(pipe, step: int, timestep: int, values: dict) -> dict:
        use((step + 1) % steps)  # it may be called again
        return values

    if any("start" in a or "end" in a for a in adapters):  # diffusers has them for ControlNets alone
        steps = case["calls"]
        arguments["callback_on_step_end"] = next_step
        use(0)
    else:
        pipe.set_ip_adapter_scale([a.get("scale", 1.0) for a in adapters])


def draw_as_stored(pipe) -> None:
    """Noise like the encoded picture is drawn in the order of its memory, which is the convolution's own."""
    encode = pipe.vae.encode

    def contiguous(pixels):
        found = encode(pixels)
        posterior = found.latent_dist
        posterior.mean, posterior.std = posterior.mean.contiguous(), posterior.std.contiguous()
        return found

    pipe.vae.encode = contiguous


def give_boxes(pipe, case: dict, arguments: dict) -> None:
    phrases, boxes = [list(x) for x in zip(*case["ground"])]
    beta = case.get("ground_beta", 0.3)
    if isinstance(pipe, StableDiffusionGLIGENPipeline):
        if case["task"] == "inpaint":
            arguments["gligen_inpaint_image"] = arguments.pop("image")
            for name in ("mask_image", "padding_mask_crop", "strength"):
                arguments.pop(name, None)
            draw_as_stored(pipe)
            torch.manual_seed(case["seed"])  # that is where it draws all its numbers
        arguments |= dict(gligen_phrases=phrases, gligen_boxes=boxes, gligen_scheduled_sampling_beta=beta)
        for name in ("guidance_rescale",):
            arguments.pop(name, None)
        return
    # The other pipelines hand on what the UNet is told.
    tokens = pipe.tokenizer(phrases, padding=True, return_tensors="pt")
    halves = 2 if case["guidance_scale"] > 1 else 1
    objects = dict(boxes=torch.zeros(halves, 30, 4), masks=torch.zeros(halves, 30),
                   positive_embeddings=torch.zeros(halves, 30, pipe.unet.config.cross_attention_dim))
    objects["boxes"][:, :len(boxes)] = torch.tensor(boxes)
    objects["positive_embeddings"][:, :len(boxes)] = pipe.text_encoder(**tokens).pooler_output
    objects["masks"][-1, :len(boxes)] = 1
    arguments["cross_attention_kwargs"] = {"gligen": objects}

    def use(step: int) -> None:
        StableDiffusionGLIGENPipeline.enable_fuser(pipe, step < int(beta * case["calls"]))

    def next_step(pipe, step: int, timestep: int, values: dict) -> dict:
        use(step + 1)
        return values

    arguments["callback_on_step_end"] = next_step
    use(0)


def words_of(case: dict, folder: Path, out: Path) -> list:
    """What velatura is told."""
    words = []
    for phrase, box in case.get("ground", ()):
        words += ["--ground", f"{phrase}@{','.join(str(side) for side in box)}"]
    if "ground_beta" in case:
        words += ["--ground-beta", case["ground_beta"]]
    for i, adapter in enumerate(case.get("ip_adapters", ())):
        words += ["--ip-adapter", folder / FILES[adapter["kind"]], "--ip-adapter-scale", adapter.get("scale", 1.0),
                  "--ip-adapter-start", adapter.get("start", 0.0), "--ip-adapter-end", adapter.get("end", 1.0)]
        for j, image in enumerate(pictures_of(case)[i]):
            name = out / f"ip-{i}-{j}.png"
            image.save(name)
            words += ["--ip-adapter-image", name]
    return words


BASE, PLUS, FULL = (dict(kind=kind) for kind in FILES)
CAT, STAR = ("a red cat", [0.1, 0.2, 0.5, 0.75]), ("blue star & 猫", [0.4, 0.0, 1.0, 0.6])


def picture_requests(task: dict) -> dict[str, dict]:
    """Requests of a task; there are `calls` model calls in one with 10 steps."""
    return {
        "base": task | dict(ip_adapters=[BASE]),
        "plus": task | dict(ip_adapters=[PLUS | dict(scale=0.6)]),
        "full": task | dict(ip_adapters=[FULL]),
        "several pictures": task | dict(ip_adapters=[PLUS | dict(pictures=3)]),
        "several adapters": task | dict(ip_adapters=[BASE | dict(scale=0.5), PLUS, FULL | dict(pictures=2, scale=-0.3)]),
        "unguided": task | dict(ip_adapters=[PLUS], guidance_scale=1.0),
        "some steps": task | dict(sampler="ddim", ip_adapters=[BASE | dict(start=0.3, end=0.7), PLUS | dict(end=0.5)]),
    }


def box_requests(task: dict) -> dict[str, dict]:
    return {
        "boxes": task | dict(sampler="ddim", ground=[CAT, STAR]),
        "all steps": task | dict(sampler="ddim", ground=[CAT], ground_beta=1.0),
        "unguided": task | dict(sampler="ddim", ground=[STAR], guidance_scale=1.0, ground_beta=0.77),
        "30 boxes": task | dict(sampler="ddim", ground=[CAT] * 15 + [STAR] * 15, ground_beta=0.5),
    }


def adapter_rows(text: dict, image: dict, hole: dict):
    """Names, ways to make the model, requests. @param text, image, hole  requests of these tasks"""
    text, image, hole = text | dict(calls=10), image | dict(calls=6), hole | dict(calls=10)
    samplers = {name: text | dict(sampler=name, ground=[CAT, STAR], ground_beta=0.6)
                for name in ("pndm", "heun", "euler", "Euler a", "unipc", "dpm2_a")}
    yield "ip-adapter", pictured, picture_requests(text) | {
        f"img2img {name}": case for name, case in picture_requests(image).items()} | {
        f"inpaint {name}": case for name, case in picture_requests(hole).items()}
    yield "ip-adapter 9 channels", partial(pictured, task="inpaint"), picture_requests(hole)
    yield "gligen", grounded, box_requests(text) | samplers
    # Where samples are clipped, full guidance makes as much of float32's rounding as may be found (7e-5 beside float64).
    yield "gligen scheduler", partial(grounded, steps_offset=0, clip_sample=True), box_requests(
        text | dict(guidance_scale=3.0))
    yield "gligen img2img", partial(tiny, shape="gated"), {
        f"img2img {name}": case for name, case in box_requests(image).items()} | {
        f"inpaint {name}": case for name, case in box_requests(hole).items()}
    by_boxes = hole | dict(boxes_as_mask=True)
    yield "gligen 9 channels", partial(tiny, shape="gated", task="inpaint"), box_requests(by_boxes)


def full_requests(text: dict) -> tuple[dict, dict]:
    """Of pictures and of boxes."""
    text = text | dict(calls=text["steps"] + 1)
    return ({name: picture_requests(text)[name] for name in ("base", "plus", "several adapters")},
            {name: box_requests(text)[name] for name in ("boxes", "all steps")})
