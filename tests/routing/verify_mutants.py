"""Small mistakes put into `routing.verify` and `routing.figures`, one at a time: what tests of the judge must notice.

A mutant is the judge with one comparison turned, one number off by one, one `and` for an `or`, one `not` or
sign left out, one sum or product turned, or one statement left out. Assertions and the words of faults are
left alone.
"""

import ast
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType, ModuleType
from unittest import mock

from routing import figures, verify

JUDGE = {module.__name__: ast.parse(inspect.getsource(module)) for module in (figures, verify)}
"""What the judge is made of, in the order of its imports."""

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add}
LEFT_ALONE = (ast.JoinedStr, ast.Assert, ast.Raise, ast.arguments)


@dataclass(frozen=True)
class Mutant:
    """The judge with one mistake; `name` tells the function, what stands there, and what should."""

    name: str
    module: str
    code: CodeType

    def judge(self) -> ModuleType:
        """The judge, with the mistake in it."""
        with mock.patch.dict(sys.modules):
            for name, tree in JUDGE.items():
                code = self.code if name == self.module else compile(tree, name, "exec")
                made = sys.modules[name] = ModuleType(name)
                exec(code, made.__dict__)
        return made


def mutants() -> Iterator[Mutant]:
    """Every mutant of the judge, each under a name of its own."""
    seen: dict[str, int] = {}
    for module, tree in JUDGE.items():
        for function in [node for node in tree.body if isinstance(node, ast.FunctionDef)]:
            for node in list(_code(function)):
                for changed in _changes(node):
                    name = f"{function.name}: {_shown(node)} -> {_shown(changed)}"
                    seen[name] = seen.get(name, 0) + 1
                    if seen[name] > 1:
                        name += f" ({seen[name]})"
                    _Replace(node, changed).visit(function)
                    code = compile(ast.fix_missing_locations(tree), name, "exec")
                    _Replace(changed, node).visit(function)
                    yield Mutant(name, module, code)


class _Replace(ast.NodeTransformer):
    """Puts one node in the place of another."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else self.generic_visit(node)


def _shown(node: ast.AST) -> str:
    """The first line of a node, and of a compound statement no more."""
    return ast.unparse(node).splitlines()[0]


def _code(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """The parts of a function that may be changed; its docstring is none of them."""
    begin = 1 if ast.get_docstring(function) is not None else 0
    left: list[ast.AST] = list(function.body[begin:])
    while left:
        node = left.pop(0)
        if isinstance(node, LEFT_ALONE):
            continue
        yield node
        left += [each for each in ast.iter_child_nodes(node) if not _is_annotation(node, each)]


def _is_annotation(node: ast.AST, child: ast.AST) -> bool:
    return isinstance(node, ast.AnnAssign) and child is node.annotation


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """Everything that is done to one node."""
    if isinstance(node, ast.stmt):
        yield from _statement_changes(node)
    elif isinstance(node, ast.Compare):
        for index, operator in enumerate(node.ops):
            for other in COMPARISONS[type(operator)]:
                yield ast.Compare(node.left, [*node.ops[:index], other(), *node.ops[index + 1 :]], node.comparators)
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield ast.Constant(node.value + 1)
        yield ast.Constant(node.value - 1)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        for rest in _each_left_out(node.values):
            yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        yield ast.BinOp(node.left, OPERATORS[type(node.op)](), node.right)
    elif isinstance(node, ast.comprehension):
        for rest in _each_left_out(node.ifs):
            yield ast.comprehension(node.target, node.iter, rest, node.is_async)


def _statement_changes(statement: ast.stmt) -> Iterator[ast.AST]:
    """A statement left out, or for an assignment, which others need, 0 in the place of its value."""
    if isinstance(statement, ast.Expr | ast.AugAssign | ast.If | ast.For | ast.While | ast.Return | ast.Continue):
        yield ast.Pass()
    elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        zero = ast.Constant(0)
        if ast.dump(statement.value) != ast.dump(zero):
            yield ast.Assign(statement.targets, zero, lineno=0)


def _each_left_out(nodes: list[ast.expr]) -> Iterator[list[ast.expr]]:
    for index in range(len(nodes)):
        yield [*nodes[:index], *nodes[index + 1 :]]
