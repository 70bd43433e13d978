"""Templates made quick: what can be known when a template is compiled is not looked up for every page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import Environment, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup


class Templates(Environment):
    """An environment of one language, whose rows are dictionaries.

    say: what turns our words into those of the language.
    """

    def __init__(self, say: Callable[[str], str], **given: Any) -> None:
        super().__init__(**given)
        self._say = say

    def compile(self, source: Any, name: str | None = None, *given: Any, **more: Any) -> Any:
        """As Jinja does, with words that never change translated once."""
        if isinstance(source, str):
            source = _Translated(self._say).visit(self.parse(source, name))
        return super().compile(source, name, *given, **more)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`row.name` of a dictionary is an entry: Jinja would look for an attribute and fail first."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


class _Translated(NodeTransformer):
    """`_("Words")` becomes what it says. Words with values in them are left for later."""

    def __init__(self, say: Callable[[str], str]) -> None:
        self._say = say

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:
        self.generic_visit(node)
        if not (isinstance(node.node, nodes.Name) and node.node.name == "_" and len(node.args) == 1):
            return node
        if node.kwargs or node.dyn_args or node.dyn_kwargs or not isinstance(node.args[0], nodes.Const):
            return node
        # As newstyle gettext: ours is markup, and a format even where nothing is filled in.
        said = Markup(self._say(node.args[0].value)) % {}  # noqa: S704  # our own words
        return nodes.Const(said, lineno=node.lineno)
