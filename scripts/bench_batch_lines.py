"""A job file of mixed lines, and what each of them asks for."""

import json
import random
import shlex
from pathlib import Path

# What lines ask for that do not say it themselves.
COMMON = dict(steps=20, guidance_scale=4.0, seed=1)

PROMPTS = [f"a {colour} {shape}{place}"
           for colour in ("red", "blue", "green", "yellow") for shape in ("circle", "star", "ring")
           for place in ("", " on the right at sunset", " in the top left corner on a black background")]
LETTERS = dict(negative_prompt="n", width="w", height="h", seed="d", steps="s", guidance_scale="l", sampler="ss")
WEB_UI = dict(guidance_scale="cfg_scale", sampler="sampler_name", strength="denoising_strength")


def as_prompt(case: dict) -> str:
    return case["prompt"]


def as_letters(case: dict) -> str:
    flags = (f" --{letter} {case[name]}" for name, letter in LETTERS.items() if case[name] != "")
    return case["prompt"] + "".join(flags)


def web_ui_fields(case: dict) -> dict:
    return {WEB_UI.get(name, name): value for name, value in case.items() if name not in ("task", "image")}


def as_flags(case: dict) -> str:
    return " ".join(f"--{name} {shlex.quote(str(value))}" for name, value in web_ui_fields(case).items())


def as_json(case: dict) -> str:
    images = dict(init_images=[case["image"]]) if "image" in case else {}
    return json.dumps(web_ui_fields(case) | images)


def mixed_lines(count: int, image: Path) -> list[tuple[str, dict]]:
    """Lines of four forms in turn, each with its case (see fixtures/diffusers_tasks.py); every other
    JSON line begins with the picture. Always the same."""
    rng = random.Random(1)
    lines = []
    for i in range(count):
        bare = dict(task="txt2img", prompt=rng.choice(PROMPTS), negative_prompt="", sampler="")
        full = bare | dict(
            negative_prompt=rng.choice(("", "a purple square")), seed=rng.randrange(2**32 - 1),
            sampler=rng.choice(("ddim", "euler", "euler_a", "dpmpp_2m")), steps=rng.choice((15, 20)),
            guidance_scale=rng.choice((4.0, 7.5)))
        sized = full | dict(width=64, height=rng.choice((64, 96)))
        from_image = full | dict(task="img2img", image=str(image), strength=0.6)
        write, case = (
            (as_prompt, bare | COMMON),
            (as_letters, sized),
            (as_flags, sized),
            (as_json, from_image if i % 8 == 3 else sized),
        )[i % 4]
        lines.append((write(case), case))
    return lines
