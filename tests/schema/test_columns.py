"""What PostgreSQL leaves out and what the fields decide go by one list of categories."""

from __future__ import annotations

import pytest

from auth.columns import category_of
from hmis.spec import FILES
from tests.schema.declared import fields

_TOLD = sorted(
    (column, name) for name, field in fields() if field.category is not None for column in field.hud
)


@pytest.mark.parametrize(("column", "field_name"), _TOLD)
def test_a_column_is_in_the_category_that_its_field_names(column: str, field_name: str) -> None:
    file, _, name = column.partition(".")
    assert category_of(file, FILES[file].by_name[name].attr) is dict(fields())[field_name].category
