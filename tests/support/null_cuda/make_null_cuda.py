"""Builds the null device's libraries for a wheel's libtorch_cuda: what is written by hand beside this
file, and for every other symbol that libtorch takes from CUDA's libraries a function that returns 0.

    make_null_cuda.py --torch TORCH_FOLDER --cuda-include FOLDER --out FOLDER

OUT gets torch/lib, links to the wheel's libraries, and nvidia/cu13/lib where their RPATHs look.
"""

import argparse
import collections
import re
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
TESTS = HERE.parents[1]

RUNTIME = ["events.cpp", "memory.cpp", "streams.cpp", "launches.cpp", "device.cpp"]
BY_HAND = {
    "libcudart.so.13": (RUNTIME, []),
    "libcublas.so.13": (["libraries.cpp"], ["-DNULL_CUBLAS"]),
    "libcublasLt.so.13": (["libraries.cpp"], ["-DNULL_CUBLASLT"]),
    "libcudnn.so.9": (["libraries.cpp"], ["-DNULL_CUDNN"]),
    "libcuda.so.1": (["driver.cpp"], []),
}
# Libraries without versions of their symbols, by what these begin with.
PREFIXES = {
    "cusparseLt": "libcusparseLt.so.0", "nccl": "libnccl.so.2", "nvshmem": "libnvshmem_host.so.3",
    "cuFile": "libcufile.so.0", "curand": "libcurand.so.10", "cusolver": "libcusolver.so.12",
    "cufft": "libcufft.so.12", "cupti": "libcupti.so.13", "nvrtc": "libnvrtc.so.13",
}
# Those that libtorch links or opens, even where it takes no symbol.
ALL = [*BY_HAND, *PREFIXES.values(), "libcusparse.so.12"]
USERS = ["libtorch_cuda.so", "libc10_cuda.so", "libtorch_nvshmem.so", "libtorch_cpu.so", "libtorch_cuda_linalg.so",
         "libcaffe2_nvrtc.so"]


def run(*command: object) -> str:
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def symbols(library: Path, *options: str) -> list[str]:
    return [line.split()[-1] for line in run("nm", "-D", *options, library).splitlines()]


def libraries_of_versions(library: Path) -> dict[str, str]:
    """Which library a version of symbols is of, as the user's version needs say."""
    files, file = {}, ""
    for line in run("readelf", "-V", "-W", library).splitlines():
        if match := re.search(r"File: (\S+)", line):
            file = match[1]
        elif match := re.search(r"Name: (\S+)", line):
            files[match[1]] = file
    return files


def needed(torch_lib: Path) -> dict[str, dict[str, set[str]]]:
    """For each CUDA library, for each version ("" for none): the symbols that libtorch takes."""
    need = collections.defaultdict(lambda: collections.defaultdict(set))
    loose, defined = set(), set()
    for user in USERS:
        versions = libraries_of_versions(torch_lib / user)
        for symbol in symbols(torch_lib / user, "--undefined-only", "--with-symbol-versions"):
            name, _, version = symbol.replace("@@", "@").partition("@")
            if not version:
                loose.add(name)
            elif versions.get(version) in ALL:
                need[versions[version]][version].add(name)
        defined |= {symbol.split("@")[0] for symbol in symbols(torch_lib / user, "--defined-only")}
    for name in loose - defined:
        for prefix, library in PREFIXES.items():
            if name.startswith(prefix):
                need[library][""].add(name)
                break
        else:
            if re.match(r"cu[A-Z]", name):
                need["libcuda.so.1"][""].add(name)
    for library in ALL:
        need[library]  # there, even if empty
    return need


def build(library: str, versions: dict[str, set[str]], work: Path, target: Path, flags: list[str]) -> None:
    sources, defines = BY_HAND.get(library, ([], []))
    objects = []
    for source in sources:
        objects.append(work / f"{library}.{source}.o")
        run("g++", "-std=c++20", "-O1", "-fPIC", "-fvisibility=default", *flags, *defines, "-c", HERE / source,
            "-o", objects[-1])
    written = {line.split()[-1] for item in objects for line in run("nm", "--defined-only", item).splitlines()}
    stubs = sorted(set().union(*versions.values()) - written)
    generated = work / f"{library}.c"
    generated.write_text("".join(f"long {name}(void) {{ return 0; }}\n" for name in stubs) or "typedef int none;\n")
    named = {version: names for version, names in versions.items() if version}
    options = []
    if named:
        script = work / f"{library}.map"
        script.write_text("".join(
            f"{version} {{ global: {'*' if len(named) == 1 else '; '.join(sorted(names))}; }};\n"
            for version, names in named.items()))
        options = [f"-Wl,--version-script={script}"]
    run("gcc", "-shared", "-fPIC", "-w", f"-Wl,-soname,{library}", generated, *objects, "-o", target / library, "-lstdc++",
        "-Wl,--allow-shlib-undefined", *options)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--torch", type=Path, required=True)
    parser.add_argument("--cuda-include", required=True, help="folders, with semicolons between")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    torch_lib, links = arguments.torch.resolve() / "lib", arguments.out / "torch" / "lib"
    target, work = arguments.out / "nvidia" / "cu13" / "lib", arguments.out / "work"
    for folder in (links, target, work):
        folder.mkdir(parents=True, exist_ok=True)
    flags = [f"-I{TESTS}"]
    for folder in arguments.cuda_include.split(";"):
        flags += ["-isystem", folder]
    for library, versions in needed(torch_lib).items():
        # The loader looks for the driver where libtorch's own libraries are.
        build(library, versions, work, links if library == "libcuda.so.1" else target, flags)
    for file in torch_lib.iterdir():
        if not (links / file.name).is_symlink():
            (links / file.name).symlink_to(file)


if __name__ == "__main__":
    main()
