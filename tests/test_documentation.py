"""Documents, and the examples in the code itself, keep up with the code."""

import doctest
import importlib
import re
import tomllib
from pathlib import Path

import pytest
import typer.main

from api.cli import app

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DEPENDENCIES = sorted(
    {
        re.split(r"[\[<>=; ]", each)[0]
        for group in [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
        for each in group
    }
)
COMMANDS = sorted(getattr(typer.main.get_command(app), "commands", {}))
FLOORS = ("warehouse", "routing", "inventory", "sim", "api")
EXAMPLES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for floor in FLOORS
    for path in (ROOT / floor).rglob("*.py")
    if ">>> " in path.read_text()
)
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


@pytest.mark.parametrize("name", DEPENDENCIES)
def test_every_dependency_has_its_reason(name: str) -> None:
    cells = re.findall(r"[a-z][\w-]+", (ROOT / "docs/dependencies.md").read_text())
    assert name in cells


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented(name: str) -> None:
    assert any(f"onward {name}" in document.read_text() for document in DOCUMENTS)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_inside_the_project_leads_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", document.read_text())
    missing = [each for each in targets if "://" not in each and not (document.parent / each).exists()]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_target_named_exists(document: Path) -> None:
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = re.findall(r"`make (\w+)", document.read_text())
    assert [each for each in named if each not in targets] == []


@pytest.mark.parametrize("module", EXAMPLES)
def test_every_example_in_a_docstring_gives_what_it_says(module: str) -> None:
    told = doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS)
    assert told.attempted > 0
    assert told.failed == 0
