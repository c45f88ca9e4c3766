"""Textual inversions for random pipelines, and the same loaded into diffusers."""

from pathlib import Path

import torch
from safetensors.torch import save_file

# How many vectors a token has, and the kind of file that holds them.
WORDS = {"zsty": (1, "diffusers"), "<axolotl>": (3, "webui pt"), "Cap-Word": (2, "webui safetensors"),
         "long": (76, "diffusers"), "flat": (1, "one vector"), "<two>": (3, "two encoders"),
         "onevec": (1, "two encoders")}


def vectors(token: str, width: int) -> torch.Tensor:
    generator = torch.Generator("cpu").manual_seed(len(token))
    return 0.3 * torch.randn(WORDS[token][0], width, generator=generator)


def of_two(token: str, width: int) -> dict[str, torch.Tensor]:
    """As files for two text encoders have them."""
    return {"clip_l": vectors(token, width), "clip_g": -0.7 * vectors(token, width).flip(1)}


def file_of(token: str, width: int, folder: Path) -> Path:
    count, kind = WORDS[token]
    tensor, stem = vectors(token, width), token.strip("<>")
    if kind == "webui pt":
        path = folder / f"{stem}.pt"
        torch.save({"string_to_token": {"*": 265}, "string_to_param": {"*": torch.nn.Parameter(tensor)},
                    "name": "another", "step": 100, "sd_checkpoint": None}, path)
        return path
    path = folder / f"{stem}.safetensors"
    if kind == "two encoders":
        save_file(of_two(token, width), path)
        return path
    key = "emb_params" if kind == "webui safetensors" else token
    save_file({key: tensor[0].clone() if kind == "one vector" else tensor}, path)
    return path


def apply(pipe, case: dict, scratch: Path) -> None:
    width = pipe.text_encoder.config.hidden_size
    for token in case["embeddings"]:
        if WORDS[token][1] == "two encoders":
            file_of(token, width, scratch)
            for key, end in (("clip_l", ""), ("clip_g", "_2")):
                pipe.load_textual_inversion(of_two(token, width)[key], token=token,
                                            text_encoder=getattr(pipe, "text_encoder" + end),
                                            tokenizer=getattr(pipe, "tokenizer" + end))
            continue
        pipe.load_textual_inversion(file_of(token, width, scratch), token=token)


def options_of(case: dict, out: Path) -> list[str]:
    options = []
    for token in case["embeddings"]:
        (file,) = [path for path in out.iterdir() if path.stem == token.strip("<>")]
        options += ["--embedding", f"{token}={file}"]
    return options
