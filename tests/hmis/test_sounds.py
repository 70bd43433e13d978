"""Names that are taken for one another share a key, in Python and in PostgreSQL alike."""

from __future__ import annotations

from random import Random

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hmis.community.names import FEMALE_FIRST, LAST, MALE_FIRST
from hmis.sounds import sound, sound_in_sql

_LETTERS = "abcdefghijklmnopqrstuvwxyzÁéíñÖøßłŽ '-.李אم1K"


@pytest.mark.parametrize(
    "alike",
    [
        ("Vantreight", "Vantrite", "vandright ", "VANTREIGHT"),
        ("García", "Garcia", "GARCIA"),
        ("Jiménez", "Gimenez", "Jimenes"),
        ("Catherine", "Kathryn", "Katherine"),
        ("Hernández", "Ernandes"),
        ("Vázquez", "Basques"),
        ("Smith", "Schmidt", "Smyth"),
        ("Philip", "Filip"),
        ("Knight", "Nite"),
    ],
)
def test_names_that_are_taken_for_one_another_have_one_key(alike: tuple[str, ...]) -> None:
    assert len({sound(name) for name in alike}) == 1


def test_other_names_have_other_keys_and_what_is_no_name_has_none() -> None:
    assert len({sound(name) for name in ("Vantreight", "Stone", "Lee", "Okafor", "Nguyen")}) == 5
    assert [sound(name) for name in (None, "", " - ", "李")] == [None] * 4


async def test_postgresql_keeps_the_same_keys(database: AsyncEngine) -> None:
    chance = Random(7)
    made_up = ["".join(chance.choices(_LETTERS, k=chance.randint(0, 12))) for _ in range(2_000)]
    names = sorted(
        {
            *made_up,
            *FEMALE_FIRST,
            *MALE_FIRST,
            *LAST,
            "hhh",
            "ghghan",
            "Whitehhorse",
            "Pfister",
            "O'Néill-Smith",
        }
    )
    query = f"select name, {sound_in_sql('name')} as key from unnest(cast(:names as text[])) as name"
    async with database.connect() as connection:
        rows = await connection.execute(text(query), {"names": names})
        kept = {row.name: row.key for row in rows}
    assert kept == {name: sound(name) for name in names}
