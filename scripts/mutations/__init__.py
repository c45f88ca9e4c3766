"""What scripts/mutation_check.py breaks, a module for each part of the program."""

from collections.abc import Callable
from typing import NamedTuple


class Mutation(NamedTuple):
    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


def of(file: str, *tests: str) -> Callable[[str, str, str], Mutation]:
    """Changes of one file, which one of the test programs should notice."""
    return lambda name, old, new: Mutation(name, file, old, new, tests)
