"""Times one run of OpenVINO GenAI stage by stage and prints one JSON object, as velatura_bench does.

Usage: bench_openvino.py export MODEL FOLDER      a diffusers folder as OpenVINO's
       bench_openvino.py FOLDER DTYPE SIZE STEPS THREADS
Runs in an environment with openvino-genai (requirements-openvino.txt); for `export` with PyTorch and
diffusers too.
"""

import json
import shutil
import statistics
import sys
import time
from pathlib import Path

PROMPT = "a photo of an astronaut riding a horse"


def export(source: Path, target: Path) -> None:
    import diffusers
    import openvino
    import openvino_tokenizers
    import torch
    import transformers

    class Unwrapped(torch.nn.Module):
        """Takes inputs by place and returns the first output alone."""

        def __init__(self, call, network: torch.nn.Module):
            super().__init__()
            self.network, self.call = network, call

        def forward(self, *inputs):
            return self.call(self.network, *inputs)

    def convert(part: str, network: torch.nn.Module, call, inputs: dict, shapes: list, output: str) -> None:
        with torch.no_grad():
            model = openvino.convert_model(Unwrapped(call, network.eval()), example_input=tuple(inputs.values()))
        for port, name in zip(model.inputs, inputs):
            port.get_tensor().set_names({name})
        model.outputs[0].get_tensor().set_names({output})
        model.reshape(dict(zip(inputs, map(openvino.PartialShape, shapes))))
        openvino.save_model(model, target / part / "openvino_model.xml", compress_to_fp16=False)

    text = transformers.CLIPTextModel.from_pretrained(source / "text_encoder", attn_implementation="eager")
    convert("text_encoder", text, lambda net, ids: net(ids).last_hidden_state,
            {"input_ids": torch.ones(1, 77, dtype=torch.int64)}, [[-1, 77]], "last_hidden_state")
    unet = diffusers.UNet2DConditionModel.from_pretrained(source / "unet")
    width = unet.config.cross_attention_dim
    convert("unet", unet, lambda net, x, t, context: net(x, t, context, return_dict=False)[0],
            {"sample": torch.randn(2, 4, 16, 16), "timestep": torch.tensor(1, dtype=torch.int64),
             "encoder_hidden_states": torch.randn(2, 77, width)},
            [[-1, 4, -1, -1], [], [-1, 77, width]], "out_sample")
    vae = diffusers.AutoencoderKL.from_pretrained(source / "vae")
    convert("vae_decoder", vae, lambda net, x: net.decode(x, return_dict=False)[0],
            {"latent_sample": torch.randn(1, 4, 16, 16)}, [[-1, 4, -1, -1]], "sample")
    tokenizer = transformers.AutoTokenizer.from_pretrained(source / "tokenizer")
    openvino.save_model(openvino_tokenizers.convert_tokenizer(tokenizer), target / "tokenizer" / "openvino_tokenizer.xml")
    for part, config in {"text_encoder": "config.json", "unet": "config.json", "vae": "config.json",
                         "scheduler": "scheduler_config.json"}.items():
        folder = target / {"vae": "vae_decoder"}.get(part, part)
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / part / config, folder)
    shutil.copy(source / "model_index.json", target)


def run(folder: Path, dtype: str, size: int, steps: int, threads: int) -> dict:
    import openvino_genai

    def now() -> tuple[float, float]:
        return time.perf_counter(), time.process_time()

    marks: list[tuple[float, float]] = []

    def on_step(step: int, count: int, latents) -> bool:
        marks.append(now())
        return False

    pipe = openvino_genai.Text2ImagePipeline(folder)
    pipe.set_scheduler(openvino_genai.Scheduler.from_config(folder / "scheduler" / "scheduler_config.json",
                                                            openvino_genai.Scheduler.Type.DDIM))
    pipe.reshape(1, size, size, 7.5)
    pipe.compile("CPU", INFERENCE_PRECISION_HINT={"bfloat16": "bf16", "float32": "f32"}[dtype],
                 INFERENCE_NUM_THREADS=threads)
    begin = now()
    pipe.generate(PROMPT, width=size, height=size, num_inference_steps=steps, guidance_scale=7.5, rng_seed=0,
                  callback=on_step)
    end = now()

    def gaps(clock: int) -> float:
        return statistics.median(b[clock] - a[clock] for a, b in zip(marks, marks[1:]))

    return {"first_step_s": marks[0][0] - begin[0], "step_s": gaps(0), "step_cpu_s": gaps(1),
            "decode_s": end[0] - marks[-1][0], "decode_cpu_s": end[1] - marks[-1][1]}


if sys.argv[1] == "export":
    export(Path(sys.argv[2]), Path(sys.argv[3]))
else:
    print(json.dumps(run(Path(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:6]))))
