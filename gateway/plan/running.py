"""Running: a plan, the values of its variables and a request -> the answer's data.

Consent is asked as `schema.fields.HubField` asks it, once for each row and category and not once for each
field. Whatever would be an error of a field ends the run: graphql-core then answers the operation, and
says where the error belongs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from graphql import GraphQLError
from graphql.execution.values import VariableValues

from auth.viewers import NotAsKnown
from gateway.plan.ahead import AheadOf
from gateway.plan.place import PlaceInfo
from gateway.plan.plan import Arguments, Call, Field, Plan, Selection
from hmis.errors import InputRefused
from resolvers.ahead import NOT_READ, Wanted
from resolvers.pages import after_day_and_id, page_size
from resolvers.reading_ahead import read
from resolvers.records import Hanging
from resolvers.request import Request
from resolvers.rows import ClientRow, PlainRow, Record

Pending = tuple[dict[str, Any], Field, Any]
"""An object of the answer, the field of it that is waited for, and what is waited for."""


async def run(plan: Plan, request: Request, variables: VariableValues) -> dict[str, Any]:
    """The data of the answer.

    Raises:
        NotAsKnown: the viewer is a guess that this operation does not come to check.
        Exception: whatever a resolver raised, or a value that its type cannot say.
    """
    running = Run(request, variables)
    running.reads_ahead(plan.ahead)
    if request.read_ahead is None and not request.is_certain:
        raise NotAsKnown  # nothing here comes to check it
    data: dict[str, Any] = running.complete(lambda: running.object_of(plan.root, None))
    if running.pending:
        await running.all_of(running.pending)
    return data


class Run:
    """One run of a plan."""

    __slots__ = ("_arguments", "_infos", "_variables", "pending", "request")

    def __init__(self, request: Request, variables: VariableValues) -> None:
        self.request = request
        self.pending: list[Pending] = []
        """What the step under way left to be waited for."""
        self._variables = variables
        self._arguments: dict[Call, Arguments] = {}
        self._infos: dict[Field, PlaceInfo] = {}

    def reads_ahead(self, ahead: AheadOf | None) -> None:
        """Have the first people who are read be read with all that is asked of them."""
        viewer = self.request.viewer
        # Orders open by rules of their own, which say of each row anew what they list.
        if ahead is None or viewer is None or viewer.under_order:
            return
        first, after = 0, None
        if ahead.page is not None and ahead.page.call is not None:
            try:
                given = self._arguments_of(ahead.page.call)
                first, after = page_size(given["first"]), after_day_and_id(given["after"])
            except (GraphQLError, InputRefused):
                return  # an error of that field, and none at all where nobody is there to have stays
        wanted = Wanted(ahead.client, ahead.stays, first, after, ahead.files, ahead.projects)
        self.request.read_ahead = partial(read, wanted=wanted)

    def object_of(self, selection: Selection, row: Any) -> dict[str, Any]:
        """One object of the answer. What must be waited for is null in it until it is there."""
        closed = self._closed(selection, row) if selection.mask else 0
        kind = type(row)
        if kind is PlainRow:
            found = selection.plain(row.values)
            fields = selection.others
        elif kind is Record and not closed:
            if row.own:
                found = selection.plain(row.values)
            else:
                found = selection.shared(row.file)(row.values, row.opened)
            fields = selection.others
        else:
            found = {}
            fields = selection.fields
        for field in fields:
            if field.bit & closed:
                if field.call is not None and field.call.arguments is None:
                    self._arguments_of(field.call)  # what cannot be an argument is an error, closed or not
                found[field.key] = None
            elif field.call is not None:
                value = self._rows_at_once(field, row)
                if value is not NOT_READ:
                    found[field.key] = value
                    continue
                value = self._resolved(field, field.call, row)
                if hasattr(value, "__await__"):
                    found[field.key] = None
                    self.pending.append((found, field, value))
                else:
                    found[field.key] = field.complete(self, value)
            elif field.said is not None:
                given = (row.fact(field.category, column) for column in field.columns or ())
                found[field.key] = field.complete(self, field.said(*given))
            elif field.column is not None:
                if field.category is not None:
                    value = row.fact(field.category, field.column)
                else:
                    value = row.values[field.column]
                found[field.key] = field.complete(self, value)
            else:
                found[field.key] = field.typename
        return found

    def _rows_at_once(self, field: Field, row: Any) -> Any:
        """What hangs on a row, where it was read ahead, all that is asked of it is open, and nothing of it is
        more than columns. NOT_READ = ask row by row."""
        rows, selection, request = field.rows, field.selection, self.request
        if type(rows) is not Hanging or selection is None or selection.others or type(row) is not Record:
            return NOT_READ
        if request.is_owed_for(row.person):
            return NOT_READ
        found = rows.open_at_once(request, row)
        if found is None:
            return NOT_READ
        if not found:
            return None if rows.latest else []
        mask = selection.mask
        if row.own:
            if mask & ~row.opened.allowed._value_:
                return NOT_READ
            step = selection.plain
            objects = [step(values) for values, _ in found]
        else:
            if any(mask & ~opened.allowed._value_ for _, opened in found):
                return NOT_READ
            told = selection.shared(rows.file)
            objects = [told(values, opened) for values, opened in found]
        request.shown(row.person, mask, row.shared_of(mask))
        return objects[0] if rows.latest else objects

    def _closed(self, selection: Selection, row: Any) -> int:
        """The categories that stay closed, as a mask; audit and answer are told as by `Request.sees`."""
        request = self.request
        mask, kind = selection.mask, type(row)
        whole = kind in (Record, ClientRow) and not mask & ~row.allowed._value_
        if whole and not request.is_owed_for(row.person):
            request.shown(row.person, mask, row.shared_of(mask))
            return 0
        closed = 0
        for category, names in selection.asked:
            if not request.sees(row, category, names[0]):
                closed |= category._value_
                for name in names[1:]:
                    request.withhold(row.person, category, name)
        return closed

    def _arguments_of(self, call: Call) -> Arguments:
        arguments = call.arguments
        if arguments is None:
            arguments = self._arguments.get(call)
            if arguments is None:
                arguments = self._arguments[call] = call.arguments_of(self._variables)
        return arguments

    def _resolved(self, field: Field, call: Call, row: Any) -> Any:
        if call.only_row:
            return call.function(row)
        arguments = self._arguments_of(call)
        if field.at_once is not None and self.request.ahead is not None:
            there = field.at_once(self.request, row, **arguments)
            if there is not NOT_READ:
                return there
        given = dict(arguments)
        if call.row is not None:
            given[call.row] = row
        if call.info is not None:
            info = self._infos.get(field)
            if info is None:
                info = self._infos[field] = PlaceInfo(self.request, field.place)
            given[call.info] = info
        return call.function(**given)

    async def all_of(self, pending: list[Pending]) -> None:
        """Wait for all of it side by side, each going on below itself as soon as it is there."""
        if len(pending) == 1:
            await self._go_on(*pending[0])
            return
        async with asyncio.TaskGroup() as tasks:
            for each in pending:
                tasks.create_task(self._go_on(*each))

    async def _go_on(self, found: dict[str, Any], field: Field, value: Any) -> None:
        there = await value
        found[field.key] = self.complete(lambda: field.complete(self, there))
        if self.pending:
            await self.all_of(self.pending)

    def complete(self, step: Callable[[], Any]) -> Any:
        """One step, none of which waits, so what it leaves in `pending` is all its own."""
        self.pending = []
        try:
            return step()
        except BaseException:
            for _, _, begun in self.pending:
                if isinstance(begun, Coroutine):
                    begun.close()
            raise
