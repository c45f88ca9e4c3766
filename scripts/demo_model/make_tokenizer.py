"""Builds the demo model's CLIP tokenizer from the words of the world's captions.

The vocabulary follows CLIP: 256 bytes, the same bytes as ends of words, one
entry a merge, then the two special tokens.  Merging goes on until every word
of the captions is one token; any other text falls back to smaller pieces.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from pathlib import Path

from transformers import CLIPTokenizer

import world

LENGTH = 32  # tokens a prompt, the two specials included
START, END = "<|startoftext|>", "<|endoftext|>"


_PRINTABLE = (*range(33, 127), *range(161, 173), *range(174, 256))
BYTES_IN_ORDER = (*_PRINTABLE, *(b for b in range(256) if b not in _PRINTABLE))  # CLIP's


def byte_symbols() -> list[str]:
    """One printable character for each byte, in CLIP's order."""
    return [chr(b) for b in _PRINTABLE] + [chr(256 + i) for i in range(256 - len(_PRINTABLE))]


def learn_merges(words: Counter, most: int | None = None) -> list[tuple[str, str]]:
    """Byte-pair merges, most frequent first, until each word is one symbol or there are `most`."""
    named = dict(zip(BYTES_IN_ORDER, byte_symbols()))
    pieces = {word: [named[byte] for byte in word.encode()] for word in words}
    for parts in pieces.values():
        parts[-1] += "</w>"
    merges = []
    while most is None or len(merges) < most:
        pairs = Counter()
        for word, parts in pieces.items():
            for pair in zip(parts, parts[1:]):
                pairs[pair] += words[word]
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        for word, parts in pieces.items():
            i = 0
            while i < len(parts) - 1:
                if (parts[i], parts[i + 1]) == best:
                    parts[i:i + 2] = ["".join(best)]
                i += 1
            pieces[word] = parts
    return merges


def make_tokenizer(folder: Path) -> CLIPTokenizer:
    """The tokenizer of the world's English captions."""
    rng = random.Random(3)
    words = Counter()
    for _ in range(20000):
        words.update(re.findall(r"[a-z]+", world.caption(world.random_scene(rng, 0.5), rng)))
    return write_tokenizer(folder, words)


def write_tokenizer(folder: Path, words: Counter, most_merges: int | None = None) -> CLIPTokenizer:
    """Writes a tokenizer's files and returns it as transformers loads it."""
    merges = learn_merges(words, most_merges)
    symbols = byte_symbols()
    vocabulary = [*symbols, *(s + "</w>" for s in symbols), *("".join(m) for m in merges), START, END]

    folder.mkdir(parents=True, exist_ok=True)
    numbered = {token: i for i, token in enumerate(vocabulary)}
    (folder / "vocab.json").write_text(json.dumps(numbered, ensure_ascii=False) + "\n", encoding="utf-8")
    lines = ["#version: 0.2", *(" ".join(merge) for merge in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    specials = {"bos_token": START, "eos_token": END, "pad_token": END, "unk_token": END}
    (folder / "special_tokens_map.json").write_text(json.dumps(specials, indent=2) + "\n")
    config = {
        **specials, "add_prefix_space": False, "do_lower_case": True, "errors": "replace",
        "model_max_length": LENGTH, "tokenizer_class": "CLIPTokenizer",
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
    return CLIPTokenizer.from_pretrained(folder)


class CaptionEncoder:
    """Turns captions into padded token ids; remembers the words it has seen.

    Captions hold only words and commas, so cutting at spaces gives the same
    ids as the tokenizer at a fraction of its cost.
    """

    def __init__(self, tokenizer: CLIPTokenizer) -> None:
        self.tokenizer = tokenizer
        self.words: dict[str, list[int]] = {}

    def __call__(self, captions: list[str]) -> list[list[int]]:
        start, end = self.tokenizer.bos_token_id, self.tokenizer.eos_token_id
        rows = []
        for text in captions:
            ids = [start]
            for word in text.replace(",", " ,").split():
                if word not in self.words:
                    self.words[word] = self.tokenizer(word, add_special_tokens=False).input_ids
                ids += self.words[word]
            ids = ids[:LENGTH - 1]
            rows.append(ids + [end] * (LENGTH - len(ids)))
        return rows
