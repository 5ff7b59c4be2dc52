import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from api.app import BODY_BYTES_MAX, HEADERS, PAGES
from api.tables import Role

FILES = sorted(file.relative_to(PAGES) for file in PAGES.glob("*/static/*"))
SHELLS = [file for file in FILES if file.suffix == ".html"]


@pytest.mark.parametrize("path", ["/healthz", "/handheld/", "/api/v1/me", "/nowhere"])
def test_every_answer_carries_the_security_headers(url: str, path: str) -> None:
    answer = httpx.get(url + path)
    for name, content in HEADERS.items():
        assert answer.headers[name] == content
    assert answer.headers["cache-control"] == ("no-store" if path.startswith("/api/") else "no-cache")


@pytest.mark.parametrize("path", SHELLS, ids=str)
def test_no_page_runs_a_script_or_a_style_that_stands_inside_it(path: Path) -> None:
    shell = (PAGES / path).read_text()
    assert "<style" not in shell
    assert "style=" not in shell
    assert "onclick" not in shell
    assert shell.count("<script") == 1
    assert re.search(r'<script type="module" src="\w+\.js"></script>', shell)


@pytest.mark.parametrize("path", FILES, ids=str)
def test_pages_are_served_without_a_sign_in_and_asked_for_anew_when_they_change(url: str, path: Path) -> None:
    address = f"{url}/{path.parts[0]}/{path.name}"
    first = httpx.get(address)
    assert first.status_code == 200
    again = httpx.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("path", FILES, ids=str)
def test_no_page_loads_anything_from_elsewhere(path: Path) -> None:
    text = (PAGES / path).read_text().replace("http://www.w3.org/2000/svg", "")
    assert "http:" not in text
    assert "https:" not in text
    assert "innerHTML" not in text


def test_the_front_door_leads_to_the_handheld_page(url: str) -> None:
    answer = httpx.get(url)
    assert answer.headers["location"] == "/handheld/"


def test_the_figures_count_calls_by_route(signed_in: Callable[..., httpx.Client]) -> None:
    manager = signed_in(Role.MANAGER)
    manager.get("/api/v1/sites/SMALL")
    figures = manager.get("/metrics").text
    assert 'handler="/api/v1/sites/{site}",method="GET",status="2xx"} 1.0' in figures


def test_a_path_that_leads_nowhere_is_a_problem_document(picker: httpx.Client) -> None:
    nowhere = picker.get("/api/v1/nowhere")
    assert nowhere.headers["content-type"] == "application/problem+json"
    assert (nowhere.status_code, nowhere.json()["title"]) == (404, "Not Found")


def test_a_body_too_large_is_refused_before_it_is_read(picker: httpx.Client) -> None:
    body = b" " * (BODY_BYTES_MAX + 1)
    assert picker.post("/api/v1/sites/SMALL/runs/take", content=body).status_code == 413
