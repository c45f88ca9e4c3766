"""Checks that files include only what their room may see, and prints each line that does not.

  * A room of src/ sees itself and the rooms that its CMakeLists.txt names (DEPENDS, PRIVATE); every
    target has src/ on its include path, so that linking alone would not hold this.
  * Between the folders of a room, includes go one way: see FOLDERS.
  * The public headers include nothing but each other and the standard library.
  * No circles, neither of rooms nor of files.
"""

import re
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE, PUBLIC = ROOT / "src", ROOT / "include/velatura"

# Inside these rooms a folder may include itself and those that stand before it.
FOLDERS = {
    "weights": ["sources", "formats", "layouts", "adapters", "locate", "write"],
}
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.MULTILINE)


def sources(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in (".h", ".cpp", ".cu"))


def included(path: Path) -> list[tuple[str, str]]:
    return INCLUDE.findall(path.read_text())


def visible_rooms() -> dict[str, set[str]]:
    """What each room's CMakeLists.txt lets it see."""
    rooms = {path.parent.name: path.read_text() for path in SOURCE.glob("*/CMakeLists.txt")}
    seen = {}
    for room, text in rooms.items():
        call = re.search(rf"velatura_room\({room}\b(.*?)\)", text, re.DOTALL)
        words = {word.removeprefix("velatura_") for word in call[1].split()}
        seen[room] = words & rooms.keys() | {room}
    return seen


def cycle(graph: dict[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter({node: others - {node} for node, others in graph.items()}).prepare()
    except CycleError as error:
        return [f"a circle: {' → '.join(error.args[1])}"]
    return []


def folder_of(file: str) -> str:
    parts = file.split("/")
    return parts[1] if len(parts) > 2 else ""


def wrong_in(path: Path, rooms: dict[str, set[str]]) -> list[str]:
    name = str(path.relative_to(SOURCE))
    room = name.split("/")[0]
    wrong = []
    for _, file in included(path):
        other = file.split("/")[0]
        if other not in rooms or not (SOURCE / file).is_file():
            continue
        if room in rooms and other not in rooms[room]:
            wrong.append(f"src/{name}: includes {file}, but src/{room}/CMakeLists.txt does not name {other}")
        order = FOLDERS.get(room, [])
        inner, outer = folder_of(name), folder_of(file)
        if room == other and inner in order and outer in order and order.index(outer) > order.index(inner):
            wrong.append(f"src/{name}: {inner} includes {file}, but comes before it: {' → '.join(reversed(order))}")
    return wrong


def main() -> int:
    rooms = visible_rooms()
    wrong = [line for path in sources(SOURCE) for line in wrong_in(path, rooms)]
    wrong += [f"include/velatura/{path.name}: includes {file}" for path in sources(PUBLIC)
              for kind, file in included(path) if kind == '"' and not file.startswith("velatura/")
              or kind == "<" and "/" in file]
    wrong += cycle(rooms)
    wrong += cycle({str(path.relative_to(SOURCE)): {file for _, file in included(path) if (SOURCE / file).is_file()}
                    for path in sources(SOURCE)})
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
