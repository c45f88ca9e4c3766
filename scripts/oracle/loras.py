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
SINGLE = ("add_embedding.linear_1", "add_embedding.linear_2", "time_embedding.linear_1", "conv_out", "text_projection")
# What diffusers loads as the formulas have it.
RIGHT = ("peft", "diffusers", "kohya-equal", "dora-peft", "old", "sgm-equal")
TEXT_ENCODERS = {"text_encoder": "lora_te1_", "text_encoder_2": "lora_te2_"}


def draw(name: str, *shape: int, gain: float = 0.08) -> torch.Tensor:
    return gain * torch.randn(shape, generator=torch.Generator("cpu").manual_seed(fnv1a(name)))


def layers_of(pipe, kind: str) -> dict[tuple[str, str], torch.nn.Module]:
    """By part and diffusers' name, which in text encoders begins with text_model."""
    endings = ATTENTION if kind in RIGHT else ATTENTION + FURTHER + (SINGLE if kind == "sgm" else ())
    found = {}
    # Of text encoders diffusers 0.42 does not load the magnitudes.
    for part in ("unet",) if kind == "dora-peft" else ("unet", *TEXT_ENCODERS):
        network = getattr(pipe, part, None)
        for name, module in network.named_modules() if network is not None else ():
            if name.endswith(endings) and getattr(module, "weight", None) is not None and module.weight.dim() >= 2:
                inside = part != "unet" and not name.startswith(("text_model.", "text_projection"))
                whole = "text_model." + name if inside else name
                found[part, whole] = module
    return found


def sgm_name(name: str, layers: int) -> str:
    """The UNet's layer as the original layout calls it. @param layers  ResNet blocks a level on the way down"""
    inner = {"norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1", "norm2": "out_layers.0",
             "conv2": "out_layers.3", "conv_shortcut": "skip_connection"}
    single = {"conv_in": "input_blocks.0.0", "conv_out": "out.2", "time_embedding.linear_1": "time_embed.0",
              "time_embedding.linear_2": "time_embed.2", "add_embedding.linear_1": "label_emb.0.0", "add_embedding.linear_2": "label_emb.0.2"}
    if name in single:
        return single[name]
    block, *rest = name.split(".")
    if block == "mid_block":
        kind, number, *rest = rest
        begin = f"middle_block.{1 if kind == 'attentions' else 2 * int(number)}"
    else:
        level, kind, number, *rest = rest
        first = (layers + 1) * int(level)
        begin = (f"input_blocks.{first + int(number) + 1}" if block == "down_blocks" else
                 f"output_blocks.{first + int(number)}") + (".1" if kind == "attentions" else ".0")
        if kind == "downsamplers":
            return f"input_blocks.{first + layers + 1}.0.op"
        if kind == "upsamplers":
            return f"output_blocks.{first + layers}.2.conv"
    rest = ".".join(rest)
    return f"{begin}.{rest if kind == 'attentions' else inner[rest]}"


def old_name(name: str) -> str:
    """Of an attention's projection, as diffusers' processors had it."""
    layer, projection = name.removesuffix(".0").rsplit(".", 1)
    if projection.startswith("to_"):
        return f"{layer}.processor.{projection}_lora"
    return f"{layer}.to_{projection[:-5] if projection != 'out_proj' else 'out'}_lora"


def low_rank(name: str, weight: torch.Tensor, rank: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    down = draw(name + "d", rank, *weight.shape[1:], gain=0.3)
    up = draw(name + "u", weight.shape[0], rank, gain=0.3)
    return down, up, (up.double() @ down.double().flatten(1)).reshape(weight.shape)


def change(kind: str, name: str, part: str, index: int, weight: torch.Tensor,
           several: bool) -> tuple[dict, torch.Tensor]:
    """Tensors by key, and what they add at scale 1. @param several  that there are two text encoders"""
    sgm = kind in ("sgm", "sgm-equal")
    prefix = "lora_unet_" if part == "unet" else TEXT_ENCODERS[part] if several else "lora_te_"
    kohya = prefix + (sgm_name(name, 2) if sgm and part == "unet" else name).replace(".", "_") + "."
    dotted = f"{part}.{name}."
    name = name if part != "text_encoder_2" else f"{part}.{name}"  # both have the same layers
    if kind == "old":
        down, up, delta = low_rank(name, weight, 3)
        old = old_name(dotted[:-1])
        return {f"{old}.down.weight": down, f"{old}.up.weight": up}, delta
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
    if kind in ("kohya", "kohya-equal") or sgm:
        rank, alpha = (4, 2.0) if kind.endswith("-equal") else (1 + index % 5, 0.5 + index % 3)
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
        more, added[part, name] = change(kind, name, part, index, module.weight, hasattr(pipe, "text_encoder_2"))
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
        encoders = [part for part in TEXT_ENCODERS if getattr(pipe, part, None) is not None]
        pipe.set_adapters([kind for kind, _, _ in uses],
                          [{"unet": scale} | dict.fromkeys(encoders, text) for _, scale, text in uses])
        return files
    for (kind, scale, text), deltas in zip(uses, added):
        layers = layers_of(pipe, kind)
        for (part, name), delta in deltas.items():
            module = layers[part, name]
            with torch.no_grad():
                module.weight.copy_((module.weight.double() + (scale if part == "unet" else text) * delta).float())
    return files
