"""Parts of a query that columns answer, as one SQL expression."""

from __future__ import annotations

import math
from decimal import Decimal

from ringroad.curate.language.tree import (
    And,
    Between,
    Compare,
    In,
    Near,
    Node,
    Not,
    Null,
    Or,
    Sql,
    Value,
    quoted,
)

EARTH_M = 6_371_008.8
"""Mean radius of the earth."""


def in_columns(node: Node) -> bool:
    """Whether columns alone answer it."""
    match node:
        case And(parts=parts) | Or(parts=parts):
            return all(in_columns(part) for part in parts)
        case Not(part=part):
            return in_columns(part)
        case _:
            return isinstance(node, Compare | Between | In | Null | Sql | Near)


def sql_of(node: Node) -> str:
    """An SQL expression that is never null: what is not known does not hold.

    So `not (speed_mps > 5)` holds where no speed is known; `speed_mps <= 5` does not.
    """
    match node:
        case And(parts=parts):
            return "(" + " AND ".join(sql_of(part) for part in parts) + ")"
        case Or(parts=parts):
            return "(" + " OR ".join(sql_of(part) for part in parts) + ")"
        case Not(part=part):
            return f"(NOT {sql_of(part)})"
        case Null(column=column):
            return f"({column} IS NULL)"
        case Near():
            return _known(_near(node))
        case Sql(text=text):
            return _known(f"({text}\n)")
        case _:
            return _known(_plain(node))


def _plain(node: Node) -> str:
    match node:
        case Compare(column=column, op=op, value=value):
            return f"{column} {'<>' if op == '!=' else op} {_value(value)}"
        case Between(column=column, low=low, high=high):
            return f"{column} BETWEEN {_value(low)} AND {_value(high)}"
        case In(column=column, values=values):
            return f"{column} IN ({', '.join(_value(value) for value in values)})"
    raise TypeError(f"not of columns: {node!r}")


def _near(near: Near) -> str:
    """A box of degrees that engines skip by, then the great circle (haversine)."""
    north, east = near.latitude, near.longitude
    reach = math.degrees(near.radius_m / EARTH_M)
    wide = reach / max(1e-6, math.cos(math.radians(min(89.9, abs(north) + reach))))
    box = f"latitude BETWEEN {north - reach!r} AND {north + reach!r}"
    if wide < 180 and east - wide > -180 and east + wide < 180:
        box += f" AND longitude BETWEEN {east - wide!r} AND {east + wide!r}"
    half = (
        f"pow(sin(radians(latitude - {north!r}) / 2), 2) + cos(radians(latitude)) * "
        f"{math.cos(math.radians(north))!r} * pow(sin(radians(longitude - {east!r}) / 2), 2)"
    )
    return f"({box} AND 2 * {EARTH_M} * asin(least(1, sqrt({half}))) <= {near.radius_m!r})"


def _known(expression: str) -> str:
    return f"coalesce({expression}, false)"


def _value(value: Value) -> str:
    """Numbers without an exponent: the engine compares those in the column's own precision."""
    if isinstance(value, str):
        return quoted(value)
    return format(Decimal(repr(value)), "f")
