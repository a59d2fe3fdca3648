"""Every check of the project: ``nox`` runs those that a change must pass, ``nox --list`` names all.

Each session makes an environment of its own. What it installs and how it checks stands in
pyproject.toml, so that a tool which is called by hand does the same.
"""

from __future__ import annotations

import re
import shutil
import sys
import tomllib
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["lint", "docs", "layers", "types", "coverage", "wheel"]
nox.options.reuse_existing_virtualenvs = True

HERE = Path(__file__).parent
PROJECT = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OLDEST = PROJECT["requires-python"].removeprefix(">=")
OF_ITS_TIME = ("click<8.5", "pyarrow<20")
"""Holds back what our oldest dependencies meet with a warning, which the tests take as an error,
and what needs a newer numpy without saying so."""

AT_ONCE = ("-n", "2", "--dist", "loadfile")
"""Two files of tests at a time, of which each keeps what its tests share."""


def tool(name: str) -> str:
    """Return the requirement of a tool as the extra ``dev`` declares it."""
    (found,) = (
        one for one in PROJECT["optional-dependencies"]["dev"] if re.match(rf"{name}\b(?!-)", one)
    )
    return str(found)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the suite; what follows ``--`` goes to pytest in place of what it gets else."""
    session.install("--editable", ".[test]")
    session.run("python", "-m", "pytest", *(session.posargs or AT_ONCE))


@nox.session
def long(session: nox.Session) -> None:
    """Run what is marked ``long``, and every property with many examples that change each time."""
    session.install("--editable", ".[test]")
    chosen = ("-m", "long or hypothesis", "--hypothesis-profile=long")
    session.run("python", "-m", "pytest", *chosen, *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Look for mistakes, style and spelling."""
    session.install(tool("ruff"), tool("typos"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("typos")


@nox.session
def types(session: nox.Session) -> None:
    """Check the annotations, strictly."""
    session.install("--editable", ".[dev]")
    session.run("mypy")


@nox.session
def layers(session: nox.Session) -> None:
    """Check that each room imports only what stands below it."""
    session.install(tool("import-linter"))
    session.run("lint-imports", env={"PYTHONPATH": str(HERE)})


@nox.session
def coverage(session: nox.Session) -> None:
    """Run the suite and measure what it enters; the figure reached is the floor."""
    session.install("--editable", ".[test]", tool("coverage"))
    session.run("python", "-m", "skyframe_gui.app.work.warmup")  # traced, compiling takes minutes
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", *session.posargs)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


@nox.session
def faults(session: nox.Session) -> None:
    """Plant small faults one at a time and see whether the tests find them; try ``-- --help``."""
    session.install("--editable", ".[test]", tool("coverage"))
    session.run("python", "tests/plant_faults.py", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Check what the documents point at, and make the manual's site without a warning."""
    session.run("python", "docs/check.py")
    session.install("--editable", ".[docs]")
    source, made = "resources/manual", "dist/manual"
    session.run("sphinx-build", "-W", "--keep-going", "-q", "-c", "docs", source, made)


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the packages, install the wheel where nothing else is, compute the demonstration."""
    session.install(tool("build"))
    made, scratch = HERE / "dist", Path(session.create_tmp()).resolve()
    for old in (made, scratch):
        shutil.rmtree(old, ignore_errors=True)
    scratch.mkdir()
    session.run("python", "-m", "build", "--outdir", str(made), ".")
    (built,) = made.glob("*.whl")
    session.run("python", "-m", "venv", str(scratch / "env"))
    programs = scratch / "env" / ("Scripts" if sys.platform == "win32" else "bin")
    alone = {"PYTHONPATH": None}
    pip = (str(programs / "pip"), "install", "--quiet", str(built))
    session.run(*pip, external=True, env=alone)
    demo = (str(programs / "skyframe-gui"), "demo", "--no-window", "-o", "demo")
    with session.chdir(scratch):  # where no source lies about that could be imported instead
        session.run(*demo, external=True, env=alone)
    if not (scratch / "demo" / "demo.png").stat().st_size:
        session.error("the demonstration drew nothing")


@nox.session(python=OLDEST)
def lowest(session: nox.Session) -> None:
    """Run the suite on the oldest Python with exactly the lower bounds that pyproject declares."""
    declared = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]
    pinned = [re.sub(r">=([^,;\s]+)", r"==\1", one) for one in declared]
    session.install(*pinned, *OF_ITS_TIME)
    session.install("--editable", ".", "--no-deps")
    session.run("python", "-m", "pytest", *(session.posargs or AT_ONCE))
