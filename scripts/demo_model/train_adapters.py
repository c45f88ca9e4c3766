"""Trains what goes with the demo model: a LoRA, a textual inversion and a ControlNet.

  outlines   a LoRA: things are drawn as outlines, a style the model never saw
  teal       a textual inversion: a colour the model never saw, as a word of four vectors
  edges      a ControlNet: things stand where the hint has their edges, of whatever place the prompt speaks

The model itself stays as it is. Minutes each on two cores.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, ControlNetModel, StableDiffusionPipeline, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from safetensors.torch import save_file
from transformers import CLIPTextModel, CLIPTokenizer

import world
from make_tokenizer import CaptionEncoder
from sampling import new_scheduler
from tasks import NO_CAPTION, balanced, object_weights
from train_unet import draw_timesteps

TEAL = (0, 150, 150)
STROKE = 2.2  # pixels that an outline is wide


def loose_scenes(rng: random.Random, count: int) -> tuple[list[world.Scene], world.Layout]:
    """Scenes whose things lie off the places they are told by."""
    scenes = [world.training_scene(rng, 0.45) for _ in range(count)]
    layout = world.arrange(scenes, rng, size_spread=2.0)
    for row in range(count):
        layout.centres[row] += torch.tensor([rng.uniform(-8, 8), rng.uniform(-8, 8)])
    layout.centres.clamp_(12, world.SIZE - 12)
    return scenes, layout


def edges_of(alphas: torch.Tensor) -> torch.Tensor:
    """White lines (B, 3, H, W) where things (B, 2, H, W) begin, as an edge detector draws them."""
    inside = (alphas > 0.5).float()
    rims = inside - (1 - F.max_pool2d(1 - inside, 3, 1, 1))
    return rims.amax(1, keepdim=True).expand(-1, 3, -1, -1).contiguous()


def outlined(scenes: list[world.Scene], layout: world.Layout) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures in which only the rims of things have their colours, and the things' masks."""
    filled, alphas = world.draw(scenes, layout)
    empty = world.backdrops()[[world.BACKGROUNDS.index(scene.background) for scene in scenes]]
    within = torch.zeros_like(alphas)
    for slot in range(2):
        rows = [i for i, scene in enumerate(scenes) if len(scene.things) > slot]
        if not rows:
            continue
        shapes = torch.tensor([world.SHAPES.index(scenes[i].things[slot].shape) for i in rows])
        grid = (world._grid(world.SIZE) - layout.centres[rows, slot].view(-1, 1, 1, 2)) / (
            layout.radii[rows, slot].view(-1, 1, 1, 1) * world._TABLE_EXTENT)
        distance = F.grid_sample(world.DISTANCES[shapes], grid, padding_mode="border", align_corners=True)
        pixels = distance * layout.radii[rows, slot].view(-1, 1, 1, 1)
        within[rows, slot] = (0.5 - (pixels + STROKE)).clamp(0, 1)[:, 0]
    within = within.sum(1, keepdim=True).clamp(0, 1)
    return filled * (1 - within) + empty * within, alphas.sum(1, keepdim=True)


class Trainer:
    def __init__(self, args: argparse.Namespace) -> None:
        self.args, base = args, args.base
        self.vae = AutoencoderKL.from_pretrained(base / "vae", dtype=torch.float32).eval().requires_grad_(False)
        self.unet = UNet2DConditionModel.from_pretrained(base / "unet", dtype=torch.float32).requires_grad_(False)
        self.unet.set_attn_processor(AttnProcessor())
        self.text = CLIPTextModel.from_pretrained(base / "text_encoder", dtype=torch.float32).requires_grad_(False)
        self.encode_captions = CaptionEncoder(CLIPTokenizer.from_pretrained(base / "tokenizer"))
        alphas = new_scheduler().alphas_cumprod
        self.signal, self.noise = alphas.sqrt().view(-1, 1, 1, 1), (1 - alphas).sqrt().view(-1, 1, 1, 1)
        torch.manual_seed(5)

    def context(self, captions: list[str]) -> torch.Tensor:
        return self.text(input_ids=torch.tensor(self.encode_captions(captions))).last_hidden_state

    def latents(self, pictures: torch.Tensor) -> torch.Tensor:
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            return self.vae.encode(pictures * 2 - 1).latent_dist.mode().float() * self.vae.config.scaling_factor

    def loss(self, pictures: torch.Tensor, masks: torch.Tensor, generator: torch.Generator, predict) -> torch.Tensor:
        clean = self.latents(pictures)
        t = draw_timesteps(generator, len(clean))
        noise = torch.randn(clean.shape, generator=generator)
        with torch.autocast("cpu", torch.bfloat16):
            out = predict(self.signal[t] * clean + self.noise[t] * noise, t).float()
        wanted = self.signal[t] * noise - self.noise[t] * clean
        return ((out - wanted).square() * balanced(object_weights(masks))).mean()

    def run(self, parameters: list[torch.nn.Parameter], rate: float, step) -> None:
        args = self.args
        optimizer = torch.optim.AdamW(parameters, lr=rate, betas=(0.9, 0.99), weight_decay=0)
        steps, begin = args.pictures // args.batch, time.time()
        for i in range(steps):
            rng, generator = random.Random(i), torch.Generator().manual_seed(i)
            loss = step(rng, generator)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            for group in optimizer.param_groups:
                group["lr"] = rate * min(1.0, (i + 1) / 20, max((1 - i / steps) / 0.4, 0.01))
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            if i % 25 == 0:
                print(f"{i:5d} of {steps}  loss {loss.item():.4f}  {time.time() - begin:.0f} s", flush=True)

    def captions(self, scenes: list[world.Scene], rng: random.Random) -> list[str]:
        return ["" if rng.random() < NO_CAPTION else world.caption(scene, rng) for scene in scenes]

    def outlines(self) -> None:
        self.unet.add_adapter(LoraConfig(r=8, lora_alpha=8, target_modules=[
            "to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "ff.net.2", "conv1", "conv2"]))

        def step(rng: random.Random, generator: torch.Generator) -> torch.Tensor:
            scenes = [world.training_scene(rng, 0.45) for _ in range(self.args.batch)]
            pictures, masks = outlined(scenes, world.arrange(scenes, rng))
            context = self.context(self.captions(scenes, rng))
            return self.loss(pictures, masks, generator,
                             lambda x, t: self.unet(x, t, context, return_dict=False)[0])

        self.run([p for p in self.unet.parameters() if p.requires_grad], 2e-3, step)
        StableDiffusionPipeline.save_lora_weights(
            self.args.out, {name: value.half() for name, value in get_peft_model_state_dict(self.unet).items()},
            weight_name="outlines.safetensors")

    def teal(self) -> None:
        world.COLOURS["teal"] = TEAL
        world._PALETTE = torch.cat((world._PALETTE, torch.tensor([TEAL], dtype=torch.float32) / 255))
        world.COLOUR_NAMES += ("teal",)
        table = self.text.get_input_embeddings()
        start = self.encode_captions(["green blue green blue"])[0][1:5]
        vectors = torch.nn.Parameter(table.weight[start].clone())
        marker = "purple"  # one token, which stands for the word and is not used otherwise
        token = self.encode_captions([marker])[0][1]
        assert self.encode_captions([marker])[0][2] == self.encode_captions([""])[0][1]

        def with_vectors(captions: list[str]) -> torch.Tensor:
            ids = torch.tensor(self.encode_captions(captions))
            rows = []
            for row in ids:
                parts, at = [], 0
                for place in (row == token).nonzero().flatten().tolist():
                    parts += [table(row[at:place]), vectors]
                    at = place + 1
                rows.append(torch.cat([*parts, table(row[at:])])[:len(row)])
            hooked = torch.stack(rows)
            handle = table.register_forward_hook(lambda *_: hooked)
            try:
                return self.text(input_ids=ids).last_hidden_state
            finally:
                handle.remove()

        def step(rng: random.Random, generator: torch.Generator) -> torch.Tensor:
            scenes = []
            for _ in range(self.args.batch):
                scene = world.training_scene(rng, 0.2)
                things = list(scene.things)
                changed = rng.randrange(len(things))
                things = [thing for thing in things if thing.colour != marker or thing is things[changed]] or things
                changed = min(changed, len(things) - 1)
                things[changed] = world.Thing(things[changed].shape, "teal", things[changed].place, things[changed].size)
                scenes.append(world.Scene(scene.background, tuple(things)))
            pictures, masks = world.render(scenes, rng)
            context = with_vectors([world.caption(scene, rng).replace("teal", marker) for scene in scenes])
            return self.loss(pictures, masks, generator,
                             lambda x, t: self.unet(x, t, context, return_dict=False)[0])

        self.run([vectors], 5e-3, step)
        save_file({"<teal>": vectors.detach().clone()}, self.args.out / "teal.safetensors")

    def edges(self) -> None:
        start = self.args.start
        net = (ControlNetModel.from_pretrained(start, dtype=torch.float32) if start else
               ControlNetModel.from_unet(self.unet, conditioning_embedding_out_channels=(16, 32, 64)))
        net.requires_grad_(True).train()

        def step(rng: random.Random, generator: torch.Generator) -> torch.Tensor:
            scenes, layout = loose_scenes(rng, self.args.batch)
            pictures, alphas = world.draw(scenes, layout)
            context, hint = self.context(self.captions(scenes, rng)), edges_of(alphas)

            def predict(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
                down, mid = net(x, t, context, hint, return_dict=False)
                return self.unet(x, t, context, down_block_additional_residuals=down,
                                 mid_block_additional_residual=mid, return_dict=False)[0]

            return self.loss(pictures, alphas.sum(1, keepdim=True), generator, predict)

        self.run(list(net.parameters()), 5e-4 if start else 1e-3, step)
        net.half().save_pretrained(self.args.out / "edges")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("adapter", choices=("outlines", "teal", "edges"))
    parser.add_argument("--base", type=Path, default=Path(__file__).resolve().parents[2] / "models/demo")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="a ControlNet to go on from")
    parser.add_argument("--pictures", type=int, default=20_000)
    parser.add_argument("--batch", type=int, default=48)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    getattr(Trainer(options), options.adapter)()
