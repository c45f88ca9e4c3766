#!/usr/bin/env bash
# Fetches CLIP's byte-pair vocabulary (MIT, OpenAI) out of PyPI's open_clip_torch wheel into
# models/clip_vocabulary/. Single-file checkpoints do not carry it. Does nothing if it is there.
# PYTHON names the interpreter whose pip is used; default: the one in .venv, else python3.
set -euo pipefail
cd "$(dirname "$0")/.."

wheel="open_clip_torch==2.32.0"
name="bpe_simple_vocab_16e6.txt.gz"
sha256="924691ac288e54409236115652ad4aa250f48203de50a9e4722a6ecd48d6804a"
folder="models/clip_vocabulary"

intact() { echo "$sha256  $1" | sha256sum --check --status 2>/dev/null; }

if intact "$folder/$name"; then
  echo "CLIP vocabulary: $folder/$name is there"
  exit 0
fi
python="${PYTHON:-$([ -x .venv/bin/python ] && echo .venv/bin/python || echo python3)}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
  --dest "$work" "$wheel"
"$python" -m zipfile -e "$work"/open_clip_torch-*.whl "$work/wheel"
if ! intact "$work/wheel/open_clip/$name"; then
  echo "CLIP vocabulary: $name in $wheel is not the file expected (sha256 $sha256)" >&2
  exit 1
fi
mkdir -p "$folder"
mv "$work/wheel/open_clip/$name" "$folder/$name.partial"
mv "$folder/$name.partial" "$folder/$name"
echo "CLIP vocabulary: fetched $folder/$name"
