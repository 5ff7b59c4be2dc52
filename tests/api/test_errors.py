import inspect
from collections.abc import Iterator

import pytest

from api import errors as api_errors
from api.errors import ANSWERS, problem, responses, slug
from warehouse import errors
from warehouse.errors import OnwardError, Problem

EXAMPLES: dict[type[OnwardError], OnwardError] = {
    OnwardError: OnwardError("reason"),
    errors.SiteFileInvalid: errors.SiteFileInvalid([Problem("line 3", "unknown zone"), Problem("line 4", "too")]),
    errors.ProblemFileInvalid: errors.ProblemFileInvalid([Problem("start", "is missing")]),
    errors.ImportInvalid: errors.ImportInvalid([Problem("row 3", "no quantity")], "orders.csv.report.csv"),
    errors.BinCodeInvalid: errors.BinCodeInvalid("01-002", "too short"),
    errors.ScanUnreadable: errors.ScanUnreadable("]d2hello", "no GS1 fields"),
    errors.NoRoute: errors.NoRoute(["17"], "behind a blocked aisle"),
    errors.CrossingsUnplanned: errors.CrossingsUnplanned(["A1"], "no grid"),
    errors.RouteRejected: errors.RouteRejected(["leg 3 leaves the floor"]),
    errors.DatabaseUnsafe: errors.DatabaseUnsafe("SQLite 3.40.1 can lose data"),
    errors.Refused: errors.Refused("not now"),
    errors.ScanMismatch: errors.ScanMismatch("01-002-A1-K", "01-003-A1-9", "bin"),
    errors.NotFound: errors.NotFound("order", "17"),
    errors.AlreadyAnswered: errors.AlreadyAnswered("abc"),
    errors.LotUnclear: errors.LotUnclear("P1"),
    errors.SerialsNeeded: errors.SerialsNeeded("P1", 3, 1),
    errors.DeliveryShort: errors.DeliveryShort("N-17", 4, ["P1", "P2"]),
    errors.CageClosed: errors.CageClosed("01-002-A1-K", "ann"),
    errors.StockShort: errors.StockShort("P1", "01-002-A1-K", 3, 1),
    errors.StowRefused: errors.StowRefused("01-002-A1-K", "another lot is there"),
    errors.WrongState: errors.WrongState("run", 7, "done"),
    errors.PolicyUnplanned: errors.PolicyUnplanned("the site file gives no times"),
    api_errors.NotSignedIn: api_errors.NotSignedIn(),
    api_errors.SignInFailed: api_errors.SignInFailed(),
    api_errors.TooManyTries: api_errors.TooManyTries(61),
    api_errors.NotAllowed: api_errors.NotAllowed("picker", ["admin"]),
    api_errors.PhotoRefused: api_errors.PhotoRefused("larger than 700 kB"),
    api_errors.ForeignPage: api_errors.ForeignPage("https://example.com"),
}


def all_errors() -> Iterator[type[OnwardError]]:
    for module in (errors, api_errors):
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, OnwardError) and kind.__module__ == module.__name__:
                yield kind


def test_every_error_has_a_line_in_the_table() -> None:
    assert set(all_errors()) == set(ANSWERS)


@pytest.mark.parametrize("kind", list(ANSWERS), ids=slug)
def test_every_error_becomes_a_problem_document_with_its_facts(kind: type[OnwardError]) -> None:
    error = EXAMPLES[kind]
    document = problem(error)
    assert document["type"] == f"urn:onward:{slug(kind)}"
    assert document["status"] >= 400
    assert document["title"]
    assert 0 < len(document["detail"]) <= 90
    assert "\n" not in document["detail"]
    assert set(vars(error)) <= set(document)


def test_a_wrong_scan_names_what_to_scan() -> None:
    document = problem(errors.ScanMismatch("01-002-A1-K", "01-003-A1-9", "bin"))
    assert document["detail"] == "Wrong bin: scan 01-002-A1-K"
    assert document["scanned"] == "01-003-A1-9"


def test_openapi_has_an_example_for_each_kind_that_shares_a_status() -> None:
    described = responses(errors.ScanMismatch, errors.WrongState, errors.NotFound)
    assert set(described) == {409, 404}
    examples = described[409]["content"]["application/problem+json"]["examples"]
    assert set(examples) == {"scan-mismatch", "wrong-state"}
