"""Compiling: a valid operation -> its plan, or why it has none.

Which fields an object has, in what order and with which fragments merged, graphql-core says itself; what is
done here is to ask it once and not for every row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from inspect import signature
from typing import Any, cast

import strawberry
from graphql import (
    BooleanValueNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    Node,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_non_null_type,
    visit,
)
from graphql.execution.collect_fields import (
    CollectedFields,
    FieldDetailsList,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues, get_argument_values
from strawberry.types.arguments import convert_arguments

from gateway.plan import leaves, shapes
from gateway.plan.ahead import ahead_of
from gateway.plan.lifting import WithLiterals, is_literal
from gateway.plan.place import Place
from gateway.plan.plan import Arguments, Call, Complete, Field, Plan, Selection, Uncovered
from schema.fields import HubField

_NO_VARIABLES = VariableValues({}, {})


class _NotCovered(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def compiled(
    schema: strawberry.Schema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: VariableValues,
) -> Plan | Uncovered:
    """The plan of an operation for the values that these variables give `@skip` and `@include`."""
    if operation.operation is not OperationType.QUERY:
        return Uncovered(str(operation.operation.value))
    try:
        root = _Compiling(schema, document, operation, variables).root()
    except _NotCovered as refused:
        return Uncovered(refused.reason)
    except GraphQLError:  # `@include(if: $v)` where null was sent: an error of the fields that stand there
        return Uncovered("condition")
    return Plan(root, ahead_of(root))


def conditions(document: DocumentNode) -> tuple[str, ...]:
    """The variables on which it depends what is asked for: those of `@skip` and `@include`."""
    found = _Conditions()
    visit(document, found)
    return tuple(sorted(found.names))


class _Conditions(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: Any, *_: Any) -> None:
        for argument in node.arguments or ():
            if not isinstance(argument.value, BooleanValueNode):
                self.names |= set(_variables_in(argument))


def _variables_in(node: Node) -> Iterator[str]:
    found: list[str] = []

    class _Names(Visitor):
        def enter_variable(self, node: VariableNode, *_: Any) -> None:
            found.append(node.name.value)

    visit(node, _Names())
    return iter(found)


def _once_for_a_text(arguments_of: Callable[[VariableValues], Arguments]) -> Callable[[Any], Arguments]:
    """Arguments that only the literals of a text change are worked out once for each text."""
    itself = object()

    def known(variables: VariableValues) -> Arguments:
        if not isinstance(variables, WithLiterals):
            return arguments_of(variables)
        kept = variables.literals.arguments
        if (found := kept.get(itself)) is None:
            found = kept[itself] = arguments_of(variables)
        return found

    return known


class _Compiling:
    def __init__(
        self,
        schema: strawberry.Schema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: VariableValues,
    ) -> None:
        self._strawberry = schema
        self._schema = schema._schema
        self._operation = operation
        self._variables = variables
        self._definitions = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }
        self._fragments = {name: FragmentDetails(one) for name, one in self._definitions.items()}

    def root(self) -> Selection:
        query = self._schema.query_type
        assert query is not None
        collected = collect_fields(
            self._schema, self._fragments, self._variables, query, self._operation, hide_suggestions=True
        )
        return self._selection(query, collected)

    def _selection(self, kind: GraphQLObjectType, collected: CollectedFields) -> Selection:
        if collected.new_defer_usages:
            raise _NotCovered("defer")
        fields = (self._field(kind, key, asked) for key, asked in collected.grouped_field_set.items())
        return Selection(kind.name, tuple(fields))

    def _field(self, kind: GraphQLObjectType, key: str, asked: FieldDetailsList) -> Field:
        node = asked[0].node
        name = node.name.value
        if name == "__typename":
            return Field(key, name, None, shapes.as_it_is, typename=kind.name)
        if name.startswith("__"):
            raise _NotCovered("introspection")
        told = kind.fields[name]
        definition = told.extensions.get("strawberry-definition")
        if not isinstance(definition, HubField) or definition.extensions:
            raise _NotCovered("field")
        nodes = [one.node for one in asked]
        place = Place(kind, name, nodes, self._definitions)
        resolver = definition.base_resolver
        column = definition.own_column if resolver is None and definition.said is None else None
        selection = self._selected(told.type, asked)
        leaf = get_nullable_type(told.type)
        return Field(
            key,
            f"{kind.name}.{name}",
            definition.category,
            self._complete(told.type, selection, definition),
            column=column,
            said=definition.said,
            columns=definition.columns,
            say=self._say(leaf, definition) if resolver is None and is_leaf_type(leaf) else None,
            never_null=is_non_null_type(told.type),
            call=None if resolver is None else self._call(told, definition, node),
            place=place,
            rows=definition.rows,
            at_once=definition.at_once,
            hud=definition.hud,
            selection=selection,
        )

    def _selected(self, kind: Any, asked: FieldDetailsList) -> Selection | None:
        """What is asked of the objects of a type; None for leaves."""
        named = get_named_type(kind)
        if is_leaf_type(named):
            return None
        if not isinstance(named, GraphQLObjectType) or named.is_type_of is not None:
            raise _NotCovered("type")
        collected = collect_subfields(
            self._schema,
            self._fragments,
            self._variables,
            self._operation,
            named,
            asked,
            hide_suggestions=True,
        )
        return self._selection(named, collected)

    def _complete(self, kind: Any, selection: Selection | None, definition: HubField) -> Complete:
        if isinstance(kind, GraphQLNonNull):
            return shapes.never_null(self._complete(kind.of_type, selection, definition))
        if isinstance(kind, GraphQLList):
            return shapes.list_of(self._complete(kind.of_type, selection, definition))
        if selection is not None:
            return shapes.object_of(selection)
        return shapes.leaf(self._say(kind, definition))

    @staticmethod
    def _say(kind: GraphQLLeafType, definition: HubField) -> leaves.Say:
        if definition.base_resolver is None:
            return leaves.of_column(kind, definition)
        return leaves.of_type(kind)

    def _call(self, told: GraphQLField, definition: HubField, node: FieldNode) -> Call:
        resolver = definition.base_resolver
        assert resolver is not None
        if resolver.self_parameter is not None:
            raise _NotCovered("field")
        row = resolver.parent_parameter or resolver.root_parameter

        def arguments_of(variables: VariableValues) -> Arguments:
            if simple is not None and all(variables.coerced.get(one) is not None for one in simple.values()):
                return {name: variables.coerced[one] for name, one in simple.items()}
            given = get_argument_values(told, node, variables, hide_suggestions=True)
            converter = self._strawberry.schema_converter
            return convert_arguments(
                given,
                definition.arguments,
                scalar_registry=converter.scalar_registry,
                config=converter.config,
            )

        simple = self._only_variables(told, definition, node)
        function = cast(Callable[..., Any], resolver.wrapped_func)
        names = {name for argument in node.arguments or () for name in _variables_in(argument)}
        return Call(
            function,
            row=row.name if row is not None else None,
            info=resolver.info_parameter.name if resolver.info_parameter is not None else None,
            arguments=None if names else self._constant(arguments_of),
            arguments_of=_once_for_a_text(arguments_of) if all(map(is_literal, names)) else arguments_of,
            only_row=row is not None and len(signature(function).parameters) == 1,
        )

    @staticmethod
    def _constant(arguments_of: Any) -> Arguments | None:
        """Arguments that no variable changes. What refuses them, refuses them for each request anew."""
        try:
            constant: Mapping[str, Any] = arguments_of(_NO_VARIABLES)
        except Exception:
            return None
        return constant

    def _only_variables(
        self, told: GraphQLField, definition: HubField, node: FieldNode
    ) -> Mapping[str, str] | None:
        """Parameter -> variable, where each argument is one variable of a leaf and none is left out.

        Values of such variables are handed on as they are: enums and scalars were read with the variables.
        """
        given = {one.name.value: one.value for one in node.arguments or ()}
        name_of = self._strawberry.config.name_converter.from_argument
        found = {}
        for argument in definition.arguments:
            name = name_of(argument)
            value = given.get(name)
            if not isinstance(value, VariableNode) or not is_leaf_type(
                get_nullable_type(told.args[name].type)
            ):
                return None
            found[argument.python_name] = value.name.value
        return found
