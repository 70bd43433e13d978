"""What a document may ask at most, counted before anything is read.

One pass over the document, each fragment once however often it is spread: fragments that spread each other
could otherwise ask for millions of fields in a few lines. Counted after validation, so no fragment leads back
to itself and none is missing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

MOST_FIELDS = 5_000
"""With every fragment where it is spread. A document that asks for every HUD element has about 1,000."""
MOST_ALIKE = 50
"""How often one field may stand in one place, under whatever names: who needs more asks for a list."""


@dataclass(slots=True)
class _Asked:
    """What one selection asks, fragments included."""

    total: int = 0
    here: Counter[str] = field(default_factory=Counter)
    """Each field that stands at its top, and how often."""


class _Counting:
    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }
        self._known: dict[str, _Asked] = {}
        self.most_alike = 0

    def of(self, selections: SelectionSetNode | None) -> _Asked:
        asked = _Asked()
        for one in selections.selections if selections else ():
            match one:
                case FieldNode():
                    asked.total += 1 + self.of(one.selection_set).total
                    asked.here[one.name.value] += 1
                case InlineFragmentNode():
                    self._add(asked, self.of(one.selection_set))
                case FragmentSpreadNode():
                    self._add(asked, self._fragment(one.name.value))
        self.most_alike = max(self.most_alike, *asked.here.values(), 0)
        return asked

    def _fragment(self, name: str) -> _Asked:
        if name not in self._known:
            self._known[name] = self.of(self._fragments[name].selection_set)
        return self._known[name]

    @staticmethod
    def _add(asked: _Asked, more: _Asked) -> None:
        asked.total += more.total
        asked.here.update(more.here)


def too_much(document: DocumentNode) -> GraphQLError | None:
    """Why a valid document asks too much; None = it does not."""
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            counting = _Counting(document)
            total = counting.of(operation.selection_set).total
            if counting.most_alike > MOST_ALIKE:
                return GraphQLError(f"A field may stand {MOST_ALIKE} times in one place; ask for a list.")
            if total > MOST_FIELDS:
                return GraphQLError(f"A document may ask for {MOST_FIELDS} fields, fragments included.")
    return None
