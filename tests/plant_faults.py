"""Plant small faults, one at a time, and see whether the tests find them.

``nox -s faults -- --seed 1 --number 40`` draws 40 faults evenly over the layers, in each by kind,
and runs the tests that enter the faulty line: 25 at most, those that are most about its file. A
fault is planted in a copy of the project, never in the checkout.

Which test enters which line is recorded by a whole run of the suite under coverage, and afterwards
again for files of tests that have changed. The loops in ``engine/kernels`` are recorded and tried
uncompiled (NUMBA_DISABLE_JIT=1), with the tests of the engine: compiled, nobody sees which line
runs, and each fault would cost half a minute of compiling.

The table says ``found``, ``lived``, ``slept`` (no test enters the line) or ``gone``. Where a person
sees that a fault changes nothing that can be seen, the word becomes ``nothing`` by hand;
``--again TABLE`` plants those that lived or slept once more, and ``--count TABLE`` counts.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from lines_of_tests import PACKAGE, Record, call_of_pytest, variables

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent.parent
LAYERS = {  # the first that a path begins with
    "kernels": ("engine/kernels/",),
    "diagnostics": ("engine/diagnostics/",),
    "engine": ("engine/",),
    "files": ("files/",),
    "workflow": ("workflow/", "simulate/"),
    "app": ("app/",),
    "ui": ("ui/",),
    "command line": ("",),
}
OTHER: dict[str, tuple[str, str]] = {}
"""From the name of an operator to that of the one it is mistaken for, and the kind of fault."""
for _kind, _pairs in {
    "comparison": "Lt LtE, Gt GtE, Eq NotEq, Is IsNot, In NotIn",
    "and, or": "And Or",
    "sign": "Add Sub",
}.items():
    for _one, _other in (pair.split() for pair in _pairs.split(",")):
        OTHER |= {_one: (_other, _kind), _other: (_one, _kind)}
NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "build", "dist")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One change of one file: what stands at a line and column (in bytes) becomes another text."""

    path: str
    line: int
    column: int
    kind: str
    before: str
    after: str

    @property
    def layer(self) -> str:
        """Return the layer that the file belongs to."""
        inside = self.path.removeprefix(f"{PACKAGE}/")
        return next(name for name, starts in LAYERS.items() if inside.startswith(starts))

    def planted(self, source: str) -> str:
        """Return the source with the fault, in the nearest place if it has changed since.

        Raises
        ------
        ValueError
            It has nothing like that any more.
        """
        whole, before = source.encode(), self.before.encode()
        lines = whole.splitlines(keepends=True)
        wanted = sum(map(len, lines[: self.line - 1])) + self.column
        places = (at for at in range(len(whole)) if whole.startswith(before, at))
        at = min(places, key=lambda at: abs(at - wanted))
        return (whole[:at] + self.after.encode() + whole[at + len(before) :]).decode()


def _changes(node: ast.AST) -> Iterator[tuple[Any, str, str]]:
    """Yield what can be changed at a node: the node to replace, its new text, and the kind."""
    match node:
        case ast.Compare(ops=[operator]) | ast.BoolOp(op=operator) | ast.BinOp(op=operator):
            if type(operator).__name__ in OTHER:
                other, kind = OTHER[type(operator).__name__]
                field = "ops" if isinstance(node, ast.Compare) else "op"
                new = getattr(ast, other)()
                fields = dict(ast.iter_fields(node)) | {field: [new] if field == "ops" else new}
                yield node, f"({ast.unparse(type(node)(**fields))})", kind
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            yield node, f"bool({ast.unparse(inner)})", "not"
        case ast.If(test=ast.Name() | ast.Attribute() | ast.Call()):
            yield node.test, f"not {ast.unparse(node.test)}", "not"
        case ast.Expr(value=ast.Call()):
            yield node, "None", "dropped call"
        case ast.Return(value=ast.expr() as value) if ast.unparse(value) != "None":
            yield value, "None", "return"
        case ast.Constant(value=bool(value)):
            yield node, repr(not value), "constant"
        case ast.Constant(value=int() | float()):
            yield node, f"({ast.unparse(node)} + 1)", "constant"
        case ast.JoinedStr():
            yield node, '""', "text"
        case ast.Constant(value=str(value)) if " " in value:  # a sentence, not a key
            yield node, '""', "text"
        case ast.Call(func, [first, second, *rest], keywords):
            starred = any(isinstance(one, ast.Starred) for one in (first, second))
            same = ast.dump(first) == ast.dump(second) or ast.unparse(func) in ("max", "min")
            if not starred and not same:
                swapped = ast.Call(func, [second, first, *rest], keywords)
                yield node, ast.unparse(swapped), "swapped arguments"


def _living(node: ast.AST) -> Iterator[ast.AST]:
    """Walk through what is run, and leave out what is there for readers and type checkers."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("cast", "TypeVar"):
        for one in node.args[1:]:
            yield from _living(one)
        return
    yield node
    for name, field in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list") or isinstance(node, ast.JoinedStr):
            continue  # in Python 3.11 the parts of an f-string do not know where they stand
        for one in field if isinstance(field, list) else [field]:
            documents = isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)
            types = isinstance(one, ast.If) and "TYPE_CHECKING" in ast.unparse(one.test)
            if isinstance(one, ast.AST) and not documents and not types:
                yield from _living(one)


def faults_of(path: str, source: str) -> list[Fault]:
    """Return every fault that can be planted into a file."""
    whole = source.encode()
    starts = [0, *accumulate(map(len, whole.splitlines(keepends=True)))]
    found = []
    for node in _living(ast.parse(source)):
        for one, after, kind in _changes(node):
            line, column = one.lineno, one.col_offset
            end = starts[one.end_lineno - 1] + one.end_col_offset
            before = whole[starts[line - 1] + column : end].decode()
            place = {"path": path, "line": line, "column": column}
            found.append(Fault(**place, kind=kind, before=before, after=after))
    return found


def draw(faults: list[Fault], number: int, seed: int) -> list[Fault]:
    """Draw faults: the layers in turn, in each a kind by chance and then one fault of the kind."""
    chance = random.Random(seed)
    left: dict[str, dict[str, list[Fault]]] = defaultdict(lambda: defaultdict(list))
    for fault in faults:
        left[fault.layer][fault.kind].append(fault)
    drawn: list[Fault] = []
    while len(drawn) < number and any(left.values()):
        for kinds in (left[layer] for layer in LAYERS if left[layer]):
            kind = chance.choice(sorted(kinds))
            drawn.append(kinds[kind].pop(chance.randrange(len(kinds[kind]))))
            if not kinds[kind]:
                del kinds[kind]
    return drawn[:number]


def copied(tree: Path) -> Path:
    """Make a folder the same as the checkout; what has been compiled there stays."""
    for old in tree.rglob("*.py"):
        if not (HERE / old.relative_to(tree)).exists():
            old.unlink()
    shutil.copytree(HERE, tree, ignore=NOT_COPIED, dirs_exist_ok=True)
    return tree


def lives(fault: Fault, tests: list[str], tree: Path, seconds: float, **more: str) -> bool:
    """Return whether tests pass while the fault is in a copy of the project; it is taken out."""
    path = tree / fault.path
    sound, times = path.read_bytes(), path.stat()
    try:
        path.write_text(fault.planted(sound.decode()), encoding="utf-8")
        # A time of its own: Python knows what it has compiled by the size and the second.
        os.utime(path, (0, 86_400 + random.Random(fault.line).randrange(1_000_000)))
        run = subprocess.Popen(
            call_of_pytest("-x", "-q", *tests),
            cwd=tree,
            env=variables(tree, **more),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return run.wait(60 + 3 * seconds) == 0
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            return False
    finally:
        path.write_bytes(sound)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def write_table(path: Path, results: list[tuple[str, Fault]]) -> None:
    """Write one fault a line, in columns between tabs; values as Python writes them."""
    rows = [[word, fault.layer, *map(repr, asdict(fault).values())] for word, fault in results]
    heads = ["result", "layer", *Fault.__annotations__]
    path.write_text("\n".join("\t".join(row) for row in [heads, *rows]) + "\n", encoding="utf-8")


def read_table(path: Path) -> list[tuple[str, Fault]]:
    """Return what `write_table` wrote, with the words that a person has changed."""
    results = []
    for row in path.read_text(encoding="utf-8").splitlines()[1:]:
        word, _, *values = row.split("\t")
        named = zip(Fault.__annotations__, map(ast.literal_eval, values), strict=True)
        results.append((word, Fault(**dict(named))))
    return results


def counted(results: list[tuple[str, Fault]]) -> str:
    """Return the counts of each layer, with the share found of those that change something."""
    words = ("found", "lived", "slept", "gone", "nothing")
    lines = [" " * 14 + "".join(f"{word:>9}" for word in words)]
    for layer in (*LAYERS, "all"):
        count = Counter(word for word, fault in results if layer in (fault.layer, "all"))
        share = 100 * count["found"] / max(1, count.total() - count["nothing"] - count["gone"])
        lines.append(
            f"{layer:14}" + "".join(f"{count[word]:9}" for word in words) + f"{share:6.0f} %"
        )
    return "\n".join(lines)


def main() -> None:
    """Draw faults, or take those of a table; plant each; write and count what came of them."""
    place = Path(tempfile.gettempdir()) / f"{PACKAGE}-faults"
    plain = argparse.RawDescriptionHelpFormatter
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--number", type=int, default=40, help="how many faults (40)")
    asked.add_argument("--tests", type=int, default=25, help="at most so many tests for each (25)")
    asked.add_argument("-j", "--jobs", type=int, default=1, help="how many at a time (1)")
    asked.add_argument("--again", type=Path, help="plant those of this table that lived or slept")
    asked.add_argument("--count", type=Path, help="count this table, and do nothing else")
    asked.add_argument("--out", type=Path, help="table to write (faults.tsv beside the copies)")
    asked.add_argument("--cache", type=Path, default=place, help=f"folder of copies ({place})")
    wanted = asked.parse_args()
    if wanted.count:
        print(counted(read_table(wanted.count)))
        return
    trees: SimpleQueue[Path] = SimpleQueue()
    for job in range(wanted.jobs):
        tree = copied(wanted.cache.resolve() / f"tree{job}")
        warmup = [sys.executable, "-m", f"{PACKAGE}.app.work.warmup"]
        subprocess.run(warmup, cwd=tree, env=variables(tree), check=True)
        trees.put(tree)
    compiled, uncompiled = Record(tree), Record(tree, uncompiled=True)

    def met(before: tuple[str, Fault]) -> tuple[str, Fault]:
        result, fault = before
        if result in ("found", "nothing"):
            return before
        record = compiled
        if fault.layer == "kernels" and not compiled.enter(fault.path, fault.line):
            record = uncompiled
        tests, seconds = record.chosen(fault.path, fault.line, wanted.tests)
        tree = trees.get()
        try:
            lived = bool(tests) and lives(fault, tests, tree, seconds, **record.environment)
            result = "slept" if not tests else "lived" if lived else "found"
        except ValueError:
            result = "gone"
        finally:
            trees.put(tree)
        change = " ".join(f"{fault.before} -> {fault.after}".split())
        print(f"{result}: {fault.path}:{fault.line}: {change}", flush=True)
        return result, fault

    if wanted.again:
        drawn = read_table(wanted.again)
    else:
        sources = sorted((HERE / PACKAGE).rglob("*.py"))
        texts = {one.relative_to(HERE).as_posix(): one.read_text("utf-8") for one in sources}
        faults = [fault for name, text in texts.items() for fault in faults_of(name, text)]
        drawn = [("", fault) for fault in draw(faults, wanted.number, wanted.seed)]
    with ThreadPoolExecutor(wanted.jobs) as pool:
        results = list(pool.map(met, drawn))
    write_table(wanted.out or tree.parent / "faults.tsv", results)
    print(counted(results))


if __name__ == "__main__":
    main()
