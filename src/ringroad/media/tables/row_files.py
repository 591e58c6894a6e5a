"""Reads files of rows that a user hands in: CSV, Parquet or Arrow. Asks for no columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet

from ringroad.domain.errors import InputError

READERS: Mapping[str, Callable[[Path], pa.Table]] = {
    ".csv": pa.csv.read_csv,
    ".parquet": pa.parquet.read_table,
    ".feather": pa.feather.read_table,
    ".arrow": pa.feather.read_table,
}


def read_rows(path: Path, *, of: str, remedy: str, as_text: bool = False) -> pa.Table:
    """All columns of a file.

    Args:
        path: its ending says how it is read.
        of: what its rows are, for the error.
        remedy: what it should hold, for the error.
        as_text: columns of a CSV are texts, whatever they look like: a road may be called 66.

    Raises:
        InputError: it cannot be read.
    """
    ending = path.suffix.lower()
    reader = READERS.get(ending)
    if reader is None:
        known = ", ".join(READERS)
        raise InputError(f"is no file of {of}", subject=str(path), remedy=f"known: {known}")
    try:
        return _texts(path) if as_text and ending == ".csv" else reader(path)
    except (OSError, pa.ArrowException) as error:
        said = str(error).partition("\n")[0]
        raise InputError(f"cannot be read: {said}", subject=str(path), remedy=remedy) from error


def _texts(path: Path) -> pa.Table:
    with path.open("rb") as file:
        head = file.readline().decode("utf-8-sig", "replace")
    names = [name.strip().strip('"') for name in head.split(",")]
    types = dict.fromkeys(names, pa.string())
    options = pa.csv.ConvertOptions(column_types=types, strings_can_be_null=True, null_values=[""])
    return pa.csv.read_csv(path, convert_options=options)
