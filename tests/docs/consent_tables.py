"""The tables of docs/consent.md, as the code has them. `python -m tests.docs.consent_tables` writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from graphql import GraphQLObjectType, get_named_type

from auth.categories import SILENT, Category
from auth.plain import CATEGORIES, LABELS
from hmis.labels import FUNDERS, TARGET_POPULATIONS, Label, of_column, of_rows
from hmis.spec import FILES
from schema.fields import HubField
from tests.schema.declared import declared, object_types

PAGE = Path(__file__).parents[2] / "docs" / "consent.md"
EXAMPLES = 3
_TELLS_OF_VICTIMS = ("Organization", "victim_service_provider")


def tables() -> dict[str, str]:
    """Each table by the name that the page gives it."""
    return {"categories": _categories(), "labels": _labels()}


def _categories() -> str:
    shown: dict[Category, list[str]] = {category: [] for category in Category}
    for kind in object_types():
        for name, field in declared(kind).items():
            leads_on = isinstance(get_named_type(kind.fields[name].type), GraphQLObjectType)
            if field.category is not None and not leads_on and _says_something(field):
                shown[field.category].append(f"{kind.name}.{name}")
    lines = ["| category | what it is | for example | when withheld |", "|---|---|---|---|"]
    for category, words in CATEGORIES.items():
        examples = ", ".join(f"`{name}`" for name in shown[category][:EXAMPLES]) or "no field yet"
        said = "nothing is said" if category & SILENT else "counted"
        lines.append(f"| {category.name} | {words} | {examples} | {said} |")
    return "\n".join(lines)


def _says_something(field: HubField) -> bool:
    """A fact of somebody's life, and not a key or a clock."""
    keys = ("id", "identifier", "recorded_at", "updated_at", "data_collection_stage", "information_date")
    return field.python_name not in keys


def _labels() -> str:
    lines = ["| label | what it tells of | where it comes from |", "|---|---|---|"]
    for label, words in LABELS.items():
        found = "; ".join(_origins(label)) or "nothing stored carries it yet; a grant can name it"
        lines.append(f"| {label.name} | {words} | {found} |")
    return "\n".join(lines)


def _origins(label: Label) -> Iterator[str]:
    """What makes a row or a value carry a label: of a whole project first, then of rows, codes, columns."""
    if label is Label.VSP:
        yield f"{_hud(*_TELLS_OF_VICTIMS)} 1 at the organization"
    for place, codes in (
        ("Funder.Funder", FUNDERS),
        ("Project.TargetPopulation", TARGET_POPULATIONS),
    ):
        if told := _codes(label, codes):
            yield f"{place} {told} at the project"
    for file in FILES:
        if rows := of_rows(file):
            attr, codes = rows
            if told := _codes(label, codes):
                yield f"rows with {_hud(file, attr)} {told}"
    whole = []
    for file, spec in FILES.items():
        for column in spec.columns:
            every, codes = of_column(file, column.attr)
            if told := _codes(label, codes):
                yield f"{_hud(file, column.attr)} {told}"
            if every & label and column.attr != "date_updated":
                whole.append(_hud(file, column.attr))
    if whole:
        more = f" and {len(whole) - EXAMPLES} more columns" if len(whole) > EXAMPLES else ""
        yield f"whatever stands in {', '.join(whole[:EXAMPLES])}{more}"


def _hud(file: str, attr: str) -> str:
    return f"{file}.{FILES[file].by_attr[attr].name}"


def _codes(label: Label, codes: object) -> str:
    assert isinstance(codes, dict)
    return ", ".join(str(code) for code, carried in sorted(codes.items()) if carried & label)


def placed(page: str) -> str:
    """The page with each table between its marks as the code has it."""
    for name, table in tables().items():
        marks = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        page, count = marks.subn(lambda found, table=table: f"{found[1]}{table}\n{found[2]}", page)
        assert count == 1, f"docs/consent.md has no place for the table of {name}"
    return page


if __name__ == "__main__":
    PAGE.write_text(placed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
