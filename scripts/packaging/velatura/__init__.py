"""The program velatura as a Python package brings it: `velatura` on PATH, `python -m velatura`."""

import importlib.util
import os
import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent
PROGRAM = _HERE / "bin" / "velatura"


def main() -> None:
    """Becomes the program. It looks for libtorch in the package `torch` beside this one."""
    if not (_HERE.parent / "torch" / "lib").is_dir():
        torch = importlib.util.find_spec("torch")
        if torch is None or not torch.submodule_search_locations:
            sys.exit("velatura: the Python package torch, which brings libtorch, is not installed")
        folders = [os.path.join(torch.submodule_search_locations[0], "lib")]
        folders += filter(None, [os.environ.get("LD_LIBRARY_PATH")])
        os.environ["LD_LIBRARY_PATH"] = ":".join(folders)
    os.execv(PROGRAM, ["velatura", *sys.argv[1:]])
