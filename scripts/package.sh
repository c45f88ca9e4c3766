#!/usr/bin/env bash
# Packs what scripts/demo.sh built into dist/, for Debian 12, Ubuntu 22.04 and later on x86-64:
#   scripts/package.sh [tarball] [deb] [wheel]     all three if none is named
#     tarball  velatura-VERSION-linux-x86_64.tar.gz: for the CPU, with libtorch; to be unpacked anywhere
#     deb      velatura_VERSION_amd64.deb: the same under /usr
#     wheel    velatura-VERSION-py3-none-manylinux_2_35_x86_64.whl: for pip and pipx; the package torch
#              that it asks for brings libtorch, for GPUs too
# scripts/package_check.sh tries them on bare systems.
source "$(dirname "$0")/common.sh"

kinds=("$@")
[ $# -gt 0 ] || kinds=(tarball deb wheel)
fail() { echo "package: $*" >&2; exit 1; }

build velatura all
version="$(sed -n 's/^project(velatura VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)"
site_packages="$(echo .venv/lib/python3*/site-packages)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p dist

for tool in patchelf zstd; do
  command -v $tool >/dev/null || missing+=("$tool")
done
[ -z "${missing:-}" ] || fail "missing: ${missing[*]} (Debian: apt-get install ${missing[*]})"

# The newest version of a library's interface that a program needs: newest GLIBC FILE…
newest() { objdump -T "${@:2}" | grep -o "\b$1_[0-9.]*" | sort -uV | tail -n 1 | sed "s/^$1_//"; }
at_most() { [ "$(printf '%s\n' "$2" "$3" | sort -V | tail -n 1)" = "$3" ] || fail "needs $1 $2, Ubuntu 22.04 has $3"; }

# stage FOLDER RPATH: program, bundled models and documents, as they are installed.
stage_program() {
  cmake --install build/release --component program --strip --prefix "$1" >/dev/null
  rm "$1/share/velatura/manifest.txt"
  patchelf --set-rpath "$2" "$1/bin/velatura"
}

# stage_cpu FOLDER: for the CPU, with libtorch.
stage_cpu() {
  local libraries="$1/lib/velatura" documents="$1/share/doc/velatura"
  stage_program "$1" '$ORIGIN/../lib/velatura'
  rm -f "$1"/lib/libvelatura_cuda*.so
  mkdir -p "$libraries"
  mv "$1"/lib/libsentencepiece.so.* "$libraries"
  cp -L "$site_packages"/torch/lib/{libtorch_cpu.so,libc10.so,libgomp.so.1} \
    "$site_packages"/nvidia/cu13/lib/{libcudart.so.13,libcupti.so.13} "$libraries"
  cp "$site_packages"/torch-*.dist-info/licenses/LICENSE "$documents/LICENSE.torch"
  cp "$site_packages"/torch-*.dist-info/licenses/NOTICE "$documents/NOTICE.torch"
  at_most glibc "$(newest GLIBC "$1/bin/velatura" "$libraries"/*)" 2.35
  at_most libstdc++ "$(newest GLIBCXX "$1/bin/velatura" "$libraries"/*)" 3.4.30
}

pack_tarball() {
  local name="velatura-$version-linux-x86_64"
  stage_cpu "$work/tarball/$name"
  tar -C "$work/tarball" --owner=0 --group=0 --sort=name -czf "dist/$name.tar.gz" "$name"
  echo "dist/$name.tar.gz"
}

pack_deb() {
  local root="$work/deb" file="dist/velatura_${version}_amd64.deb"
  stage_cpu "$root/usr"
  gzip -9n "$root/usr/share/man/man1/velatura.1"
  mv "$root/usr/share/doc/velatura/LICENSE" "$root/usr/share/doc/velatura/copyright"
  mkdir "$root/DEBIAN"
  cat >"$root/DEBIAN/control" <<END
Package: velatura
Version: $version
Architecture: amd64
Maintainer: The velatura authors <velatura@invalid>
Installed-Size: $(du -sk "$root/usr" | cut -f 1)
Depends: libc6 (>= $(newest GLIBC "$root/usr/bin/velatura")), libstdc++6 (>= 12), libgcc-s1
Section: graphics
Priority: optional
Description: pictures from text, and from pictures, on the command line
 Loads Stable Diffusion weights into libtorch, which it brings with it, and makes pictures on the CPU:
 from a prompt, from a picture, within a mask, along a depth map, or four times as large. Small models
 come with it.
END
  dpkg-deb --root-owner-group -Zzstd --build "$root" "$file" >/dev/null
  echo "$file"
}

pack_wheel() {
  local folder="$work/wheel"
  mkdir "$folder"
  cp -r scripts/packaging/. "$folder"
  stage_program "$folder/velatura" '$ORIGIN/../lib:$ORIGIN/../../torch/lib'
  local kernels="$folder/velatura/lib/libvelatura_cuda.so"
  [ ! -e "$kernels" ] || patchelf --set-rpath '$ORIGIN/../../torch/lib:$ORIGIN/../../nvidia/cu13/lib' "$kernels"
  # What other programs look for goes where they look; the rest stays beside the program.
  mkdir "$folder/share"
  mv "$folder"/velatura/share/{man,bash-completion,zsh,fish,doc} "$folder/share"
  VELATURA_VERSION="$version" VELATURA_PLATFORM=manylinux_2_35_x86_64 \
    VELATURA_TORCH="$(grep '^torch==' scripts/requirements.txt)" \
    .venv/bin/python -m pip wheel --quiet --disable-pip-version-check --no-deps -w dist "$folder"
  ls dist/velatura-"$version"-py3-none-*.whl
}

for kind in "${kinds[@]}"; do
  stage "packing $kind"
  case "$kind" in
    tarball | deb | wheel) pack_"$kind" ;;
    *) fail "no package '$kind': expected tarball, deb or wheel" ;;
  esac
done
