"""LoRA files for random pipelines, and what they add to the weights by their formulas: for diffusers
to load itself where it reads a kind rightly, else to be merged for it."""

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fixtures"))
from random_weights import fnv1a  # noqa: E402

ATTENTION = ("to_q", "to_k", "to_v", "to_out.0", "q_proj", "k_proj", "v_proj", "out_proj")
FURTHER = ("ff.net.0.proj", "ff.net.2", "proj_in", "proj_out", "conv1", "conv2", "time_emb_proj", "conv_shortcut",
           "downsamplers.0.conv", "upsamplers.0.conv", "conv_in", "fc1", "fc2")
# What diffusers loads as the formulas have it.
RIGHT = ("peft", "diffusers", "kohya-equal", "dora-peft")


def draw(name: str, *shape: int, gain: float = 0.08) -> torch.Tensor:
    return gain * torch.randn(shape, generator=torch.Generator("cpu").manual_seed(fnv1a(name)))


def layers_of(pipe, kind: str) -> dict[tuple[str, str], torch.nn.Module]:
    """By part and diffusers' name, which in text encoders begins with text_model."""
    endings = ATTENTION if kind in ("peft", "diffusers", "kohya-equal", "dora-peft") else ATTENTION + FURTHER
    found = {}
    for part in ("unet", "text_encoder"):
        for name, module in getattr(pipe, part).named_modules():
            if name.endswith(endings) and getattr(module, "weight", None) is not None and module.weight.dim() >= 2:
                whole = name if part == "unet" or name.startswith("text_model.") else "text_model." + name
                found[part, whole] = module
    return found


def low_rank(name: str, weight: torch.Tensor, rank: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    down = draw(name + "d", rank, *weight.shape[1:], gain=0.3)
    up = draw(name + "u", weight.shape[0], rank, gain=0.3)
    return down, up, (up.double() @ down.double().flatten(1)).reshape(weight.shape)


def change(kind: str, name: str, part: str, index: int, weight: torch.Tensor) -> tuple[dict, torch.Tensor]:
    """Tensors by key, and what they add at scale 1."""
    kohya = {"unet": "lora_unet_", "text_encoder": "lora_te_"}[part] + name.replace(".", "_") + "."
    dotted = f"{part}.{name}."
    if kind in ("peft", "dora-peft", "diffusers"):
        down, up, delta = low_rank(name, weight, 3)
        lora = "lora" if part == "unet" else "lora_linear_layer"
        ends = ((lora + ".down.weight", lora + ".up.weight") if kind == "diffusers" else
                ("lora_A.weight", "lora_B.weight"))
        tensors = {dotted + ends[0]: down, dotted + ends[1]: up}
        if kind == "dora-peft":
            norm = weight.double().norm(dim=1)
            m = (norm * (1 + draw(name + "m", weight.shape[0]))).float()
            v = weight.double() + delta
            tensors[dotted + "lora_magnitude_vector"] = m
            delta = m.double()[:, None] * v / v.norm(dim=1, keepdim=True) - weight.double()
        return tensors, delta
    if kind in ("kohya", "kohya-equal"):
        rank, alpha = (4, 2.0) if kind == "kohya-equal" else (1 + index % 5, 0.5 + index % 3)
        down, up, delta = low_rank(name, weight, rank)
        ones = [1] * (weight.dim() - 2)
        return {kohya + "lora_down.weight": down, kohya + "lora_up.weight": up.reshape(-1, rank, *ones),
                kohya + "alpha": torch.tensor(alpha)}, delta * alpha / rank
    if kind == "loha":
        out, into = weight.shape[0], weight[0].numel()
        a, b, c, d = (draw(name + s, *shape, gain=0.4)
                      for s, shape in zip("abcd", ((out, 2), (2, into), (out, 2), (2, into))))
        delta = (a.double() @ b.double()) * (c.double() @ d.double()) / 2
        return dict(zip((kohya + k for k in ("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b", "alpha")),
                        (a, b, c, d, torch.tensor(1.0)))), delta.reshape(weight.shape)
    if kind == "lokr":
        divides = [2 if size % 2 == 0 else 1 for size in weight.shape[:2]]
        w1 = draw(name + "1", *divides, gain=0.3)
        w2 = draw(name + "2", weight.shape[0] // divides[0], weight.shape[1] // divides[1], *weight.shape[2:], gain=0.1)
        delta = torch.kron(w1.double().reshape(*w1.shape, *[1] * (weight.dim() - 2)), w2.double())
        return {kohya + "lokr_w1": w1, kohya + "lokr_w2": w2, kohya + "alpha": torch.tensor(0.5)}, delta
    assert kind == "difference"
    delta = draw(name, *weight.shape, gain=0.02)
    return {kohya + "diff": delta}, delta.double()


def write_lora(pipe, kind: str, file: Path) -> dict[tuple[str, str], torch.Tensor]:
    """What it adds, by part and layer."""
    tensors, added = {}, {}
    for index, ((part, name), module) in enumerate(layers_of(pipe, kind).items()):
        more, added[part, name] = change(kind, name, part, index, module.weight)
        tensors |= more
    save_file({key: value.contiguous() for key, value in tensors.items()}, file)
    return added


def apply_loras(pipe, uses: list[tuple[str, float, float]], scratch: Path) -> list[Path]:
    """Has diffusers use them: (kind, scale, text scale). Returns the files."""
    files = [scratch / f"{kind}.safetensors" for kind, _, _ in uses]
    added = [write_lora(pipe, kind, file) for (kind, _, _), file in zip(uses, files)]
    if all(kind in RIGHT for kind, _, _ in uses):
        # tiny_pipeline.load() put it there; diffusers tells by it how the encoder's layers are called.
        stand_in = vars(pipe.text_encoder).pop("text_model", None)
        for (kind, _, _), file in zip(uses, files):
            pipe.load_lora_weights(file, adapter_name=kind)
        if stand_in is not None:
            object.__setattr__(pipe.text_encoder, "text_model", stand_in)
        pipe.set_adapters([kind for kind, _, _ in uses],
                          [{"unet": scale, "text_encoder": text} for _, scale, text in uses])
        return files
    for (kind, scale, text), deltas in zip(uses, added):
        layers = layers_of(pipe, kind)
        for (part, name), delta in deltas.items():
            module = layers[part, name]
            with torch.no_grad():
                module.weight.copy_((module.weight.double() + (scale if part == "unet" else text) * delta).float())
    return files
