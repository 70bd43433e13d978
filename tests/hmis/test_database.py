"""Which databases can be named, and how."""

from __future__ import annotations

import pytest

from hmis.database import async_url
from hmis.errors import InputRefused


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_both_names_of_the_scheme_are_taken(scheme: str) -> None:
    url = async_url(f"{scheme}://hub@db.example.org/hub")
    assert url.render_as_string() == "postgresql+asyncpg://hub@db.example.org/hub"


@pytest.mark.parametrize("name", ["ssl", "sslmode"])
def test_encryption_may_be_asked_for_by_either_name(name: str) -> None:
    assert async_url(f"postgresql://hub@db.example.org/hub?{name}=require").query == {"ssl": "require"}


def test_another_kind_of_database_is_refused_with_the_mend() -> None:
    with pytest.raises(InputRefused, match="postgresql://"):
        async_url("mysql://hub@db.example.org/hub")
