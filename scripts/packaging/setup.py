"""Packs the folder velatura/ beside it, which scripts/package.sh fills, into a wheel for any Python 3."""

import os
from pathlib import Path

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel


class PlatformWheel(bdist_wheel):
    def finalize_options(self):
        super().finalize_options()
        self.root_is_pure = False

    def get_tag(self):
        return "py3", "none", os.environ["VELATURA_PLATFORM"]


def below(folder: str) -> list[str]:
    return [str(path) for path in sorted(Path(folder).rglob("*")) if path.is_file()]


documents: dict[str, list[str]] = {}
for file in below("share"):
    documents.setdefault(str(Path(file).parent), []).append(file)

setup(
    name="velatura",
    version=os.environ["VELATURA_VERSION"],
    description="Pictures from text, and from pictures, on the command line",
    license="Apache-2.0",
    python_requires=">=3.10",
    install_requires=[os.environ["VELATURA_TORCH"]],
    packages=["velatura"],
    package_data={"velatura": [os.path.relpath(file, "velatura") for file in below("velatura")]},
    data_files=list(documents.items()),
    entry_points={"console_scripts": ["velatura = velatura:main"]},
    cmdclass={"bdist_wheel": PlatformWheel},
)
