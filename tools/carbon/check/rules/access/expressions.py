"""The strings to which an expression of a Python script can evaluate, read from its source."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice, product

UNKNOWN = "*"
"""Placeholder in a text for a part that the source does not show, such as input()."""
_MOST = 64
"""Maximum number of texts of one expression."""
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)
_SCOPES = (*_FUNCTIONS, *_COMPREHENSIONS)
_LISTS = (ast.List, ast.Tuple, ast.Set)
Texts = frozenset[str]
Key = tuple[ast.AST, str]
"""A scope (a function, a comprehension or the module) and the name of a variable in it."""


class Expressions:
    """The expressions of one script."""

    def __init__(self, tree: ast.Module) -> None:
        self._scopes: dict[ast.AST, ast.AST] = {}
        self._values: dict[Key, list[tuple[ast.expr, bool]]] = defaultdict(list)
        self._attributes: dict[str, list[tuple[ast.expr, bool]]] = defaultdict(list)
        self._calls: dict[str, list[ast.Call]] = defaultdict(list)
        self._tree = tree
        self._following: set[int] = set()
        self._index(tree, tree)

    def _index(self, node: ast.AST, scope: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            self._scopes[child] = scope
            self._index(child, child if isinstance(child, _SCOPES) else scope)
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._bind(target, node.value, scope)
        elif isinstance(node, ast.AnnAssign) and node.value:
            self._bind(node.target, node.value, scope)
        elif isinstance(node, ast.For | ast.comprehension):
            self._bind(node.target, node.iter, scope, is_element=True)
        elif isinstance(node, ast.Call):
            self._calls[_read_name(node.func)].append(node)

    def _bind(
        self, target: ast.expr, value: ast.expr, scope: ast.AST, is_element: bool = False
    ) -> None:
        if isinstance(target, ast.Name):
            self._values[scope, target.id].append((value, is_element))
        elif isinstance(target, ast.Attribute):
            self._attributes[target.attr].append((value, is_element))
        elif isinstance(target, _LISTS) and isinstance(value, _LISTS) and not is_element:
            for each, one in zip(target.elts, value.elts, strict=False):
                self._bind(each, one, scope)

    def find_texts(self, node: ast.expr) -> Texts:
        """Return the texts that an expression can have, with UNKNOWN for unknown parts."""
        return self._follow(node, is_list=False)

    def _follow(self, node: ast.expr, is_list: bool) -> Texts:
        """Return the texts of an expression, or of the elements of a list."""
        if id(node) in self._following:
            return frozenset({UNKNOWN})
        self._following.add(id(node))
        found = frozenset(islice(self._list(node, is_list), _MOST))
        self._following.discard(id(node))
        return found or frozenset({UNKNOWN})

    def _list(self, node: ast.expr, is_list: bool) -> Iterator[str]:
        if isinstance(node, ast.Name | ast.Attribute):
            for value, is_element in self._find_values(node):
                if not (is_list and is_element):  # a list of lists is not followed
                    yield from self._follow(value, is_list or is_element)
        elif isinstance(node, ast.IfExp):
            yield from self._follow(node.body, is_list)
            yield from self._follow(node.orelse, is_list)
        elif is_list:
            yield from self._list_elements(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.FormattedValue):
            yield from self._follow(node.value, is_list)
        elif isinstance(node, ast.JoinedStr):
            yield from map("".join, product(*(self._follow(part, False) for part in node.values)))
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            parts = (self._follow(part, False) for part in (node.left, node.right))
            yield from map("".join, product(*parts))

    def _list_elements(self, node: ast.expr) -> Iterator[str]:
        if isinstance(node, _LISTS):
            for each in node.elts:
                if isinstance(each, ast.Starred):
                    yield from self._follow(each.value, is_list=True)
                else:
                    yield from self._follow(each, is_list=False)
        elif isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp):
            yield from self._follow(node.elt, False)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            yield from self._follow(node.left, True)
            yield from self._follow(node.right, True)

    def _find_values(self, node: ast.Name | ast.Attribute) -> list[tuple[ast.expr, bool]]:
        """Return the assigned expressions, each with True if a loop assigns its elements."""
        if isinstance(node, ast.Attribute):
            return self._attributes[node.attr]
        scope = self._scopes.get(node, self._tree)
        while True:
            if found := self._values[scope, node.id]:
                return found
            if isinstance(scope, _FUNCTIONS) and (found := self._list_passed(scope, node.id)):
                return found
            if scope is self._tree:
                return []
            scope = self._scopes.get(scope, self._tree)

    def _list_passed(
        self, function: ast.FunctionDef | ast.AsyncFunctionDef, name: str
    ) -> list[tuple[ast.expr, bool]]:
        """Return what the calls of a function pass as one of its parameters."""
        names = [each.arg for each in function.args.args if each.arg != "self"]
        if name not in names:
            return []
        at, calls = names.index(name), self._calls[function.name]
        passed = [call.args[at] for call in calls if len(call.args) > at]
        passed += [one.value for call in calls for one in call.keywords if one.arg == name]
        return [(value, False) for value in passed]


def _read_name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
