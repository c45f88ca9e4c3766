"""Breaks one reading after another (scripts/mutations/) and sees that a test falls.

    .venv/bin/python scripts/mutation_check.py [PATTERN]    # of the names, a shell pattern

Needs a release build. Each row changes one place of a file, builds the tests of the rooms named and
runs them; the file is put back whatever happens. Exit code 1 if a change is not noticed.
"""

import fnmatch
import os
import subprocess
import sys
from pathlib import Path

from mutations import Mutation, adapters, kandinsky_2, stable_diffusion_xl

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "release"
PARTS = (adapters, stable_diffusion_xl, kandinsky_2)


def notices(mutation: Mutation) -> str:
    """The first test that falls; "" if none does."""
    path = ROOT / mutation.file
    text = path.read_text()
    assert mutation.old in text, f"{mutation.name}: {mutation.file} has no '{mutation.old}'"
    try:
        path.write_text(text.replace(mutation.old, mutation.new, 1))
        built = subprocess.run(["cmake", "--build", BUILD, "--target", *mutation.tests], capture_output=True, text=True)
        if built.returncode != 0:
            return f"does not build: {built.stdout[-400:]}"
        for program in mutation.tests:
            run = subprocess.run([BUILD / program, "--gtest_brief=1", "--gtest_fail_fast"], capture_output=True, text=True,
                                 env=os.environ | {"OMP_NUM_THREADS": "1"})
            fallen = [line for line in run.stdout.splitlines() if line.startswith("[  FAILED  ]")]
            if run.returncode != 0:
                return fallen[0].split("]")[1].split("(")[0].strip() if fallen else program
        return ""
    finally:
        path.write_text(text)


def main() -> int:
    pattern = sys.argv[1] if len(sys.argv) > 1 else "*"
    missed = 0
    for mutation in (mutation for part in PARTS for mutation in part.mutations()):
        if not fnmatch.fnmatch(mutation.name, pattern):
            continue
        found = notices(mutation)
        missed += not found or found.startswith("does not build")
        print(f"{mutation.name:<34} {found or 'NOT NOTICED'}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
