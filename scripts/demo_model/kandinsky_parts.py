"""The networks of Kandinsky's demo model before they are trained, and its two tokenizers."""

from __future__ import annotations

import io
import random
import re
from collections import Counter
from pathlib import Path

import sentencepiece
import torch
from diffusers import PriorTransformer, UNet2DConditionModel, VQModel
from diffusers.pipelines.kandinsky.text_encoder import MCLIPConfig, MultilingualCLIP
from transformers import (
    CLIPTextConfig, CLIPTextModelWithProjection, CLIPTokenizer, CLIPVisionConfig, CLIPVisionModelWithProjection,
    XLMRobertaTokenizer,
)

import world
import world_ru
from kandinsky_vectors import WIDTH, random_hint
from make_tokenizer import LENGTH, write_tokenizer
from world import Scene

FOLDER = Path("build/demo-training/kandinsky")  # scratch
TEXT_WIDTH = 64  # of the text encoder for many languages
TEXT_TOKENS = 77  # of its texts, as diffusers cuts them
PIECES = 600  # of the sentencepiece model, at most
MERGES = 480  # of the prior's tokenizer, at most


def new_movq() -> VQModel:
    movq = VQModel(
        down_block_types=("DownEncoderBlock2D",) * 3, up_block_types=("UpDecoderBlock2D",) * 3,
        block_out_channels=(32, 32, 32), layers_per_block=1, norm_num_groups=8, latent_channels=4, vq_embed_dim=4,
        num_vq_embeddings=256, norm_type="spatial", mid_block_add_attention=False, sample_size=world.SIZE,
    )
    with torch.no_grad():
        for name, parameter in movq.named_parameters():
            if ".conv2." in name:
                parameter.zero_()
            if ".conv_y." in name:  # at first a norm like any other
                parameter.fill_(1.0 if name.endswith("bias") else 0.0)
    return movq


def new_unet() -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=16, in_channels=4, out_channels=8, block_out_channels=(48, 72), layers_per_block=1,
        attention_head_dim=24, norm_num_groups=8, resnet_time_scale_shift="scale_shift",
        down_block_types=("ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D"),
        up_block_types=("SimpleCrossAttnUpBlock2D", "ResnetUpsampleBlock2D"),
        mid_block_type="UNetMidBlock2DSimpleCrossAttn", encoder_hid_dim_type="text_image_proj",
        encoder_hid_dim=TEXT_WIDTH, cross_attention_dim=WIDTH, addition_embed_type="text_image",
    )


def new_prior() -> PriorTransformer:
    return PriorTransformer(
        num_attention_heads=2, attention_head_dim=32, num_layers=3, embedding_dim=WIDTH, num_embeddings=LENGTH,
    )


def new_image_encoder() -> CLIPVisionModelWithProjection:
    return CLIPVisionModelWithProjection(CLIPVisionConfig(
        hidden_size=80, intermediate_size=240, num_hidden_layers=3, num_attention_heads=4, image_size=world.SIZE,
        patch_size=8, projection_dim=WIDTH, hidden_act="quick_gelu", attn_implementation="eager",
    ))


def new_prior_text_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModelWithProjection:
    return CLIPTextModelWithProjection(CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=WIDTH, intermediate_size=192, projection_dim=WIDTH,
        num_hidden_layers=3, num_attention_heads=4, max_position_embeddings=LENGTH, hidden_act="quick_gelu",
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.eos_token_id, attn_implementation="eager",
    ))


def new_text_encoder(tokenizer: XLMRobertaTokenizer) -> MultilingualCLIP:
    return MultilingualCLIP(MCLIPConfig(
        transformerDimSize=TEXT_WIDTH, imageDimSize=WIDTH, vocab_size=len(tokenizer), hidden_size=TEXT_WIDTH,
        num_hidden_layers=3, num_attention_heads=4, intermediate_size=192, max_position_embeddings=TEXT_TOKENS + 2,
        type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1, bos_token_id=0, eos_token_id=2,
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, attn_implementation="eager",
    ))


# ---------------------------------------------------------------- texts


def caption(scene: Scene, rng: random.Random) -> str:
    """In English or in Russian."""
    return (world if rng.random() < 0.5 else world_ru).caption(scene, rng)


def hint(scene: Scene, rng: random.Random) -> tuple[dict[str, str], str]:
    """A few attributes of a scene, and a text in either language that names them alone."""
    told = random_hint(scene, rng)
    return told, (world if rng.random() < 0.5 else world_ru).hint(told, rng)


def sample_texts(count: int) -> list[str]:
    rng = random.Random(3)
    texts = []
    for _ in range(count):
        scene = world.random_scene(rng, 0.5)
        texts += [world.caption(scene, rng), world_ru.caption(scene, rng), hint(scene, rng)[1]]
    return texts


def make_prior_tokenizer(folder: Path) -> CLIPTokenizer:
    words: Counter = Counter()
    for text in sample_texts(8000):
        words.update(re.findall(r"\w+", text))
    return write_tokenizer(folder, words, MERGES)


def make_text_tokenizer(folder: Path) -> XLMRobertaTokenizer:
    """A unigram model that reads capitals as small letters and ё as е."""
    folder.mkdir(parents=True, exist_ok=True)
    capitals = [*range(ord("A"), ord("Z") + 1), *range(ord("А"), ord("Я") + 1)]
    rules = {chr(code): chr(code).lower() for code in capitals} | {"ё": "е", "Ё": "е"}
    table = folder / "rules.tsv"
    table.write_text("".join(f"{ord(a):X}\t{ord(b):X}\n" for a, b in rules.items()))
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sample_texts(8000)), model_writer=model, vocab_size=PIECES, model_type="unigram",
        normalization_rule_tsv=str(table), hard_vocab_limit=False, character_coverage=1.0, num_threads=1,
        required_chars="abcdefghijklmnopqrstuvwxyzабвгдежзийклмнопрстуфхцчшщъыьэюя0123456789.,:;!?-",
        minloglevel=2,
    )
    table.unlink()
    (folder / "sentencepiece.bpe.model").write_bytes(model.getvalue())
    tokenizer = XLMRobertaTokenizer.from_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / "tokenizer.json").unlink()
    return tokenizer


class TextEncoder:
    """The trained text encoder for many languages, frozen: what the UNet is told by texts."""

    def __init__(self, folder: Path) -> None:
        self.tokenizer = XLMRobertaTokenizer.from_pretrained(folder / "tokenizer")
        self.model = MultilingualCLIP.from_pretrained(folder / "text_encoder", dtype=torch.float32)
        self.model.eval().requires_grad_(False)

    def __call__(self, texts: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
        """Pooled (B, WIDTH) and hidden states (B, TEXT_TOKENS, TEXT_WIDTH); those of all the padding are alike."""
        tokens = self.tokenizer(texts, padding=True, truncation=True, max_length=TEXT_TOKENS - 1, return_tensors="pt")
        ids = torch.nn.functional.pad(tokens.input_ids, (0, 1), value=self.tokenizer.pad_token_id)
        mask = torch.nn.functional.pad(tokens.attention_mask, (0, 1))
        with torch.no_grad():
            pooled, hidden = self.model(ids, mask)
        rest = hidden[:, -1:].expand(-1, TEXT_TOKENS - hidden.shape[1], -1)
        return pooled, torch.cat((hidden, rest), 1)
