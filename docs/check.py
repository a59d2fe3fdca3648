"""Check what the documents point at: links, headings, pictures, files that they name, the version.

``python docs/check.py``; needs nothing but Python. Addresses on the web are not visited. With
``--release v1.2.3`` that must be the version, and the changelog must have a date for it.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/*.md", "resources/manual/*.md")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
NAMED = re.compile(r"`((?:skyframe_gui|tests|docs|resources|benchmarks|\.github|\.ci)/[\w./-]*)`")
CLASS = re.compile(r"`([A-Z][a-z]\w*)(?:\.(\w+))?(?:\(\))?`")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+\s+(.+?)\s*$", re.MULTILINE)
FIRST_COMMANDS = ("skyframe-gui demo", "-m pytest")
"""What the first code blocks of README do, in this order."""


def anchors(text: str) -> set[str]:
    """Return the names that headings get where the document is shown."""
    headings = HEADING.findall(FENCED.sub("", text))
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


def faults(root: Path) -> list[str]:
    """Return a sentence for each thing that is pointed at and not there."""
    found = []
    shown: set[Path] = set()
    for document in sorted(path for pattern in DOCUMENTS for path in root.glob(pattern)):
        text = document.read_text(encoding="utf-8")
        plain = FENCED.sub("", text)
        where = document.relative_to(root)
        for target in LINK.findall(plain):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            file = (document.parent / path).resolve() if path else document
            shown.add(file)
            if not file.exists():
                found.append(f"{where}: {target} does not exist")
            elif anchor and anchor not in anchors(file.read_text(encoding="utf-8")):
                found.append(f"{where}: {target} names no heading")
        for name in NAMED.findall(plain):
            if not (root / name).exists():
                found.append(f"{where}: `{name}` does not exist")
    for picture in sorted((root / "resources" / "manual" / "images").iterdir()):
        if picture.resolve() not in shown:
            found.append(f"{picture.relative_to(root)} is shown nowhere")
    blocks = FENCED.findall((root / "README.md").read_text(encoding="utf-8"))
    for block, command in zip(blocks, FIRST_COMMANDS, strict=False):
        if command not in block or block.count("\n") != 2:
            found.append(f"README.md: a first code block is not the one line with {command!r}")
    return found


def name_faults(root: Path) -> list[str]:
    """Return a sentence for each class or method that the guides for developers name in vain."""
    sources = "\n".join(
        path.read_text(encoding="utf-8") for path in sorted((root / "skyframe_gui").rglob("*.py"))
    )
    found = []
    for document in (root / "CONTRIBUTING.md", root / "docs" / "architecture.md"):
        named = CLASS.findall(FENCED.sub("", document.read_text(encoding="utf-8")))
        for name, method in sorted(set(named)):
            if not re.search(rf"^class {name}\b", sources, re.MULTILINE):
                found.append(f"{document.relative_to(root)}: there is no class `{name}`")
            elif method and not re.search(rf"^    def {method}\b", sources, re.MULTILINE):
                found.append(f"{document.relative_to(root)}: `{name}.{method}` does not exist")
    return found


def version_faults(root: Path, release: str = "") -> list[str]:
    """Return a sentence for each document that has another version than the package."""
    package = (root / "skyframe_gui" / "__init__.py").read_text(encoding="utf-8")
    version = re.findall(r'^__version__ = "(.+)"$', package, re.MULTILINE)[0]
    found = []
    if f"\nversion: {version}\n" not in (root / "CITATION.cff").read_text(encoding="utf-8"):
        found.append(f"CITATION.cff is not of version {version}")
    changes = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    dated = re.search(rf"^## {re.escape(version)} \((.+)\)$", changes, re.MULTILINE)
    if dated is None:
        found.append(f"CHANGELOG.md does not tell of version {version}")
    elif release and not re.fullmatch(r"\d{4}-\d\d-\d\d", dated[1]):
        found.append(f"CHANGELOG.md has no date for version {version}")
    if release and release != f"v{version}":
        found.append(f"{release} is to be released, but the version is {version}")
    return found


def main() -> int:
    """Print what is wrong; the exit status says whether anything is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--release", default="", metavar="TAG")
    found = faults(ROOT) + name_faults(ROOT)
    found += version_faults(ROOT, parser.parse_args().release)
    for fault in found:
        print(fault, file=sys.stderr)
    print(f"{len(found)} faults in the documents" if found else "What the documents name is there.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
