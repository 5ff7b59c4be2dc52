"""Reading a problem file with every problem in it, before anything is made of it (`docs/route-format.md`).

A file that is no good is refused with the path of each field that is wrong. Fields that this reader does not know are
left out, as the format allows, and told of.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from routing.problem import (
    FORMAT,
    VERSION,
    End,
    EndKind,
    PickLine,
    PickProblem,
    Source,
    WalkTimes,
    check_format,
    spot_to_list,
)
from warehouse.errors import Problem, ProblemFileInvalid
from warehouse.floor import Edge, Floor, Spot
from warehouse.floor_reading import ReadFloor, read_floor, read_spot, read_stretches, spot_of
from warehouse.json_fields import Found, JsonFields, parsed, shown

__all__ = ["ReadProblem", "problem_from_data", "read_problem"]

SPEED_MAX_MM_S = 1_000_000
"""1,000 m a second: nobody walks faster, and times stay whole numbers that fit 64 bits."""

Edges = tuple[Edge, ...] | None


@dataclass(frozen=True, slots=True)
class ReadProblem:
    """A pick problem, and what in its file is hardly meant so: fields left out as not known, bins at two places."""

    problem: PickProblem
    doubts: tuple[Problem, ...] = ()


def read_problem(text: str) -> ReadProblem:
    """The problem that a problem file describes.

    Raises
    ------
    ProblemFileInvalid
        With everything that is wrong in the file.
    """
    found = Found()
    data = parsed(text, found)
    if found.problems:
        raise ProblemFileInvalid(found.problems)
    return problem_from_data(data)


def problem_from_data(data: object) -> ReadProblem:
    """The problem that `PickProblem.to_dict` wrote; raises as `read_problem` does."""
    found = Found()
    try:
        check_format(data, FORMAT, VERSION)
    except ValueError as error:
        raise ProblemFileInvalid([Problem("the file", str(error))]) from error
    assert isinstance(data, dict)
    problem = _read(JsonFields(data, "", found))
    if found.problems or problem is None:
        raise ProblemFileInvalid(found.problems)
    return ReadProblem(problem, tuple(found.doubts))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a bin of a line is, and where in the file that is said."""

    where: str
    bin: str
    spot: Spot


def _read(document: JsonFields) -> PickProblem | None:
    """The problem, or None where anything was noted."""
    document.only("format", "version", "floor", "lines", "start", "end", "walked", "times")
    section = document.section("floor")
    read = ReadFloor(None, None) if section is None else read_floor(section)
    places: list[_Place] = []
    lines = tuple(_read_lines(document, read.edges, places))
    start = read_spot(document, "start", read.edges)
    end = _read_end(document, read.edges)
    walked = read_stretches(document, "walked", read.edges)
    times = _read_times(document)
    if read.floor is not None:
        document.found.doubts += _bins_apart(read.floor, places)
    if document.found.problems or read.floor is None or start is None:
        return None
    return PickProblem(read.floor, lines, start, end, walked, times)


def _bins_apart(floor: Floor, places: Sequence[_Place]) -> Iterator[Problem]:
    """Bins that stand at two points, or at both sides of an aisle: one doubt for each place after the first."""
    first: dict[str, Spot] = {}
    for place in places:
        spot, other = place.spot, first.setdefault(place.bin, place.spot)
        if other != spot and not (floor.same_point(other, spot) and floor.side_of(other) == floor.side_of(spot)):
            yield Problem(place.where, f"bin {place.bin} stands at {spot_to_list(other)} for another line")


def _read_lines(document: JsonFields, edges: Edges, places: list[_Place]) -> Iterator[PickLine]:
    """The lines, as far as they can be read; `places` are told of their bins."""
    names: dict[str, str] = {}
    for where, value in document.items("lines") or ():
        line = JsonFields.of(value, where, document.found)
        if line is None:
            continue
        line.only("line", "quantity", "unit_weight_g", "fragile", "sources")
        yield PickLine(
            line=_name_used_once(line, "line", names),
            quantity=line.whole("quantity", 1),
            sources=tuple(_read_sources(line, edges, places)),
            unit_weight_g=line.whole("unit_weight_g", 0, default=0),
            fragile=line.flag("fragile", default=False),
        )


def _read_sources(line: JsonFields, edges: Edges, places: list[_Place]) -> Iterator[Source]:
    names: dict[str, str] = {}
    for where, value in line.items("sources") or ():
        source = JsonFields.of(value, where, line.found)
        if source is None:
            continue
        source.only("bin", "spot", "quantity", "group", "level")
        num_names = len(names)
        name, spot = _name_used_once(source, "bin", names), read_spot(source, "spot", edges)
        if spot is not None and len(names) > num_names:
            places.append(_Place(source.at("spot"), name, spot))
        yield Source(
            bin=name,
            spot=spot or Spot(0, 0),
            quantity=source.whole("quantity", 1),
            group=source.whole("group", 0, default=0),
            level=source.whole("level", 0, default=0),
        )


def _name_used_once(own: JsonFields, key: str, names: dict[str, str]) -> str:
    """The name in a field, noted if it is among `names`, which tell where each was first used."""
    before = len(own.found.problems)
    name = own.text(key)
    if len(own.found.problems) == before:
        if name in names:
            own.found.problem(own.at(key), f"{shown(name)} is the {key} of {names[name]} already")
        names.setdefault(name, own.path)
    return name


def _read_end(document: JsonFields, edges: Edges) -> End:
    section = document.optional_section("end")
    if section is None:
        return End()
    section.only("kind", "spots")
    before = len(document.found.problems)
    kind = section.choice("kind", EndKind)
    spots = [spot_of(value, where, section.found, edges) for where, value in section.items("spots", default=True) or ()]
    if len(document.found.problems) == before:
        try:
            return End(kind, tuple(spot for spot in spots if spot is not None))
        except ValueError as error:
            section.found.problem(section.at("spots"), str(error))
    return End()


def _read_times(document: JsonFields) -> WalkTimes | None:
    section = document.optional_section("times")
    if section is None:
        return None
    speed, *times = (each.name for each in fields(WalkTimes))
    section.only(speed, *times)
    return WalkTimes(
        section.whole(speed, 1, SPEED_MAX_MM_S), **{name: section.whole(name, 0, default=0) for name in times}
    )
