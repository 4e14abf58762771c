"""One text in Python's expression syntax: parsed, never evaluated, with errors that point into it."""

from __future__ import annotations

import ast
import warnings
from typing import Final

from nbtrail.errors import FilterError
from nbtrail.store.slips import find_slip

_LONGEST_TEXT: Final = 20_000


class Expression:
    """A text and its syntax tree.

    Raises
    ------
    FilterError
        The text is no expression; the error points at the first slip that it knows, else where Python stopped.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._shift = len(text) - len(text.lstrip())
        # One line: offsets within it are offsets within the text, and a line break needs no parentheses.
        self._line = "".join(" " if char in "\r\n\f" else char for char in text[self._shift :])
        self._bytes = self._line.encode("utf-8", "surrogatepass")
        self.root = self._parse()

    def _parse(self) -> ast.expr:
        if len(self.text) > _LONGEST_TEXT:
            raise FilterError(self.text[:60] + "…", column=0, problem=f"more than {_LONGEST_TEXT} characters")
        try:
            with warnings.catch_warnings():
                # "\d" in a text is our user's business, not Python's.
                warnings.simplefilter("ignore")
                return ast.parse(self._line, mode="eval").body
        except SyntaxError as error:
            raise self._syntax_mistake(error) from None
        except (ValueError, RecursionError, MemoryError):
            raise FilterError(self.text, column=0, problem="this cannot be read as an expression") from None

    def _syntax_mistake(self, error: SyntaxError) -> FilterError:
        if slip := find_slip(self._line):
            column, problem, hint = slip
            return FilterError(self.text, column=column + self._shift, problem=problem, hint=hint)
        # Python counts from 1, and says 0 where something is missing at the end.
        column = error.offset - 1 if error.offset else len(self._line.rstrip())
        if "never closed" in error.msg or "unmatched" in error.msg:
            problem = error.msg
        elif "unterminated" in error.msg:
            problem = "the quote is not closed"
        else:
            problem = "this is not understood" if error.offset else "something is missing here"
        hint = "" if error.offset else "A whole condition is like `metrics.acc > 0.9`."
        return FilterError(self.text, column=column + self._shift, problem=problem, hint=hint)

    def mistake(self, node: ast.expr, problem: str, hint: str = "", *, byte_offset: int | None = None) -> FilterError:
        """An error that points at a node, or at a byte of the line as ``ast`` counts them."""
        offset = node.col_offset if byte_offset is None else byte_offset
        column = len(self._bytes[:offset].decode("utf-8", "surrogatepass")) + self._shift
        return FilterError(self.text, column=column, problem=problem, hint=hint)

    def source(self, node: ast.expr) -> str:
        """A node as it was written."""
        return self._bytes[node.col_offset : node.end_col_offset].decode("utf-8", "surrogatepass")

    def symbol_offset(self, node: ast.BinOp, symbol: str) -> int:
        """The byte at which the operator of a node stands."""
        return max(self._bytes.find(symbol.encode(), node.left.end_col_offset), node.col_offset)
