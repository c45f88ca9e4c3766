#!/usr/bin/env bash
# Makes this machine able to build velatura: Debian packages (compiler, libraries), libtorch from
# PyPI's wheel into .venv, an nvcc where there is none, CLIP's vocabulary. What is there already is
# left alone; a second run takes a second.
#
#   scripts/setup.sh [--cpu-only] [--gpu] [--oracle] [--fuzz] [--checks]
#     --cpu-only  no nvcc: the build is for the CPU alone
#     --gpu       libtorch's CUDA libraries (2.7 GB) even if no GPU is seen here
#     --oracle    also what the comparisons with diffusers need
#     --fuzz      also clang with libFuzzer
#     --checks    also clang-format and clang-tidy, as scripts/check.sh wants them
source "$(dirname "$0")/common.sh"

cpu_only=no gpu=no oracle=no fuzz=no checks=no
for option in "$@"; do
  case "$option" in
    --cpu-only) cpu_only=yes ;;
    --gpu) gpu=yes ;;
    --oracle) oracle=yes ;;
    --fuzz) fuzz=yes ;;
    --checks) checks=yes ;;
    *) sed -n '2,/^source/{/^source/d;s/^# \{0,1\}//;p}' scripts/setup.sh; exit 2 ;;
  esac
done

fail() { echo "setup: $*" >&2; exit 1; }

debian_packages=(g++ cmake ninja-build ccache mold libcli11-dev nlohmann-json3-dev libstb-dev libpng-dev
  zlib1g-dev libjpeg-dev libwebp-dev libtiff-dev libgif-dev libdeflate-dev libutf8proc-dev libsentencepiece-dev
  libssl-dev libyaml-cpp-dev libtomlplusplus-dev libgtest-dev libgmock-dev
  strace)

[ $checks = no ] || debian_packages+=(clang-tidy)
[ $fuzz = no ] || debian_packages+=(clang libclang-rt-dev)

# A Python is wanted only for its pip; one without venv, as Debian's, needs python3-venv.
can_make_venv() { python3 -c 'import venv, ensurepip, sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; }

install_debian_packages() {
  local package missing=()
  if ! command -v dpkg-query >/dev/null; then
    for package in g++ cmake ninja python3; do
      command -v "$package" >/dev/null || missing+=("$package")
    done
    [ ${#missing[@]} = 0 ] || fail "no Debian: please install ${missing[*]} and the like of ${debian_packages[*]}"
    return 0
  fi
  [ -x .venv/bin/python ] || can_make_venv || missing+=(python3 python3-venv)
  for package in "${debian_packages[@]}"; do
    [[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" == installed ]] || missing+=("$package")
  done
  [ ${#missing[@]} != 0 ] || return 0

  local apt=(apt-get)
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || fail "missing packages; as root run: apt-get install ${missing[*]}"
    apt=(sudo apt-get)
  fi
  stage "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  "${apt[@]}" update -qq </dev/null || fail "apt-get update failed; still missing: ${missing[*]}"
  "${apt[@]}" install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null ||
    fail "apt-get could not install ${missing[*]}"
}

make_venv() {
  [ ! -x .venv/bin/python ] || return 0
  can_make_venv || fail "python3 is older than 3.10 or cannot make a venv (Debian: apt-get install python3-venv)"
  python3 -m venv .venv
}

# Installs a requirements file unless each of its packages is there in the version it pins.
install_requirements() {
  local pin what="$2" site_packages
  site_packages="$(echo .venv/lib/python3*/site-packages)"
  while read -r pin; do
    local name="${pin%%==*}" version="${pin#*==}"
    name="${name,,}"
    if ! [ -d "$site_packages/${name//-/_}-$version.dist-info" ]; then
      stage "installing $what"
      .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r "$1"
      return
    fi
  done < <(grep -E '^[A-Za-z]' "$1")
}

# The CUDA that libtorch was built with: 13.
has_nvcc() {
  local nvcc
  for nvcc in "${CUDACXX:-}" "$(command -v nvcc)" "${CUDA_HOME:-}/bin/nvcc" /usr/local/cuda/bin/nvcc; do
    if [ -x "$nvcc" ] && "$nvcc" --version | grep -q 'release 13\.'; then return 0; fi
  done
  return 1
}

has_gpu() { command -v nvidia-smi >/dev/null && nvidia-smi -L >/dev/null 2>&1; }

install_debian_packages
make_venv
install_requirements scripts/requirements.txt "libtorch (530 MB)"
[ $cpu_only = yes ] || has_nvcc || install_requirements scripts/requirements-nvcc.txt "nvcc (400 MB)"
if [ $gpu = yes ] || [ $oracle = yes ] || has_gpu; then
  install_requirements scripts/requirements-cuda.txt "libtorch's CUDA libraries (2.7 GB)"
fi
[ $checks = no ] || install_requirements scripts/requirements-check.txt clang-format
[ $oracle = no ] || install_requirements scripts/requirements-oracle.txt "diffusers and what it needs"

missing="$(ldd .venv/lib/python3*/site-packages/torch/lib/libtorch_cpu.so | grep 'not found' || true)"
[ -z "$missing" ] || fail "libtorch does not find:$missing"
scripts/fetch_clip_vocabulary.sh
