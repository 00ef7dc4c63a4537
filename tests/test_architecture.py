"""The floors, the grid and the sizes that ARCHITECTURE.md draws."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from settings import ROOT

FLOORS = ("routes", "gateways", "domain", "models")
ENTRANCES = {"app", "worker", "run", "seeds", "sandbox", "vendor"}
FILE_LIMIT = 300
HANDLER_LIMIT = 25
FUNCTION_LIMIT = 40

# noun -> (routes, domain, models, templates); a dash in ARCHITECTURE.md is None here.
GRID = {
    "catalog": ("catalog", "catalog", "catalog", "catalog"),
    "checkout": ("checkout", "checkout", "checkout", "checkout"),
    "orders": ("orders", "orders", "orders", "orders"),
    "dispatch": (None, "dispatch", "dispatch", None),
    "wallet": ("wallet", "wallet", "wallet", "wallet"),
    "payments": ("payments", "payments", "payments", "payments"),
    "accounts": ("accounts", "accounts", "accounts", "accounts"),
    "notices": (None, "notices", "notices", "mail"),
    "staff": ("staff", "staff", "staff", "staff"),
    "policies": ("policies", None, None, "policies"),
}

TOP_LEVEL = {
    "app.py", "worker.py", "run.py", "vendor.py", "seeds.py", "settings.py", "logs.py", "piccolo_conf.py",
    "pyproject.toml", "requirements.lock", "package.json", "package-lock.json", "Procfile", "Makefile",
    "README.md", "README.png", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md",
    "decisions", "routes", "domain", "models", "gateways", "templates", "static", "sandbox", "tests", "bench",
}  # fmt: skip
# What the set-up and the tools leave on a developer's machine; git ignores all of it.
LEFT_BEHIND = {"node_modules", "shots", "__pycache__"}


def python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_the_top_level_holds_nothing_else_without_a_decision() -> None:
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}

    assert found - LEFT_BEHIND == TOP_LEVEL


@pytest.mark.parametrize("noun", sorted(GRID))
def test_every_noun_has_its_file_on_every_floor(noun: str) -> None:
    for floor, name in zip(("routes", "domain", "models"), GRID[noun], strict=False):
        if name is not None:
            assert (ROOT / floor / f"{name}.py").exists() or (ROOT / floor / name / "__init__.py").exists(), floor
    if GRID[noun][3] is not None:
        assert (ROOT / "templates" / str(GRID[noun][3])).is_dir()


def test_architecture_draws_the_same_grid() -> None:
    drawn = re.findall(r"^\| ([a-z]+) \|", (ROOT / "ARCHITECTURE.md").read_text(), re.MULTILINE)

    assert set(GRID) <= set(drawn)


def test_files_stay_small() -> None:
    sizes = {
        path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines())
        for path in python_files(*FLOORS, "sandbox", "bench", "tests")
    }

    assert {name: size for name, size in sizes.items() if size > FILE_LIMIT} == {}


def test_handlers_stay_small() -> None:
    long = {
        f"{path.relative_to(ROOT)}:{node.name}": length(node)
        for path in python_files("routes")
        for node in functions(path)
        if node.decorator_list and length(node) > HANDLER_LIMIT
    }

    assert long == {}


def test_functions_stay_small() -> None:
    long = {
        f"{path.relative_to(ROOT)}:{node.name}": length(node)
        for path in python_files(*FLOORS, "sandbox")
        for node in functions(path)
        if length(node) > FUNCTION_LIMIT
    }

    assert long == {}


def test_every_module_says_which_part_of_the_shop_it_is() -> None:
    silent = [
        path.relative_to(ROOT).as_posix()
        for path in python_files(*FLOORS, "sandbox", "bench")
        if path.stat().st_size and ast.get_docstring(ast.parse(path.read_text())) is None
    ]

    assert silent == []


def test_no_floor_imports_an_entrance() -> None:
    climbing = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in python_files(*FLOORS)
        for node in ast.walk(ast.parse(path.read_text()))
        for name in _imported(node)
        if name.partition(".")[0] in ENTRANCES
    ]

    assert climbing == []


def test_hx_headers_live_in_one_file() -> None:
    named = [
        path.name
        for path in python_files("routes")
        if re.search(r'"HX-[A-Z]', path.read_text()) and path.name != "htmx.py"
    ]

    assert named == []


def test_no_lock_file_or_script_names_a_package_host() -> None:
    for name in ("requirements.lock", "package-lock.json", "Makefile", ".ci/run", ".npmrc"):
        assert "://" not in (ROOT / name).read_text(), name


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module]
    return []
