"""The rows of HUD's 24 files, written from the true stories as a desk would write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hmis.community.intakes import Intake
from hmis.community.records import (
    clients,
    contacts,
    coordinated_entry,
    enrollments,
    exits,
    health,
    income,
    learning,
    projects,
    services,
)
from hmis.community.records.book import Book, Row
from hmis.community.stays import Stay


def write_records(seed: int, intakes: Mapping[str, Intake], stays: Iterable[Stay]) -> dict[str, list[Row]]:
    """All rows by HUD file name, each with all columns of its file in HUD's order."""
    book = Book(seed)
    projects.write(book)
    enrolled = enrollments.write(book, stays)
    clients.write(book, intakes, enrolled)
    for one in enrolled:
        exits.write(book, one)
        health.write(book, one)
        learning.write(book, one)
        services.write(book, one)
        contacts.write(book, one)
        coordinated_entry.write(book, one)
    income.write(book, enrolled)
    return book.rows
