"""What a format is: how it is read and written, what it holds, what it was checked against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ringroad.label.formats.files import LabelFiles
from ringroad.label.formats.intake.intake import Intake
from ringroad.label.formats.outgoing.outgoing import BY_PICTURE, Holds, Outgoing, Part
from ringroad.label.formats.outgoing.sink import Sink


class Writer(Protocol):
    """Writes one export. Equal rows give equal bytes.

    Between parts it keeps nothing that the rows do not say again: an export that was killed goes
    on with a new writer behind the last part that is there.
    """

    def begin(self, sink: Sink) -> None:
        """What stands before all parts."""
        ...

    def part(self, part: Part, sink: Sink) -> None:
        """One part."""
        ...

    def end(self, sink: Sink) -> None:
        """What stands behind them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One annotation format.

    Attributes:
        name: as on the command line.
        title: for people.
        holds: what it can say; loss lists come from here.
        read: takes a file or folder in; None where it is only written. Errors:
            `InvalidAnnotations` for what is wrong with the whole, problems for single rows.
        writer: makes a writer; None where it is only read.
        recognises: whether files look like it, by names and first bytes.
        folder: an export is a folder, not a file.
        suffix: of an export that is a file.
        order: in which order parts come.
        native: it is parsed by native code beyond the standard library's JSON: in the sandbox.
        verified: independent readers or samples that it was checked against; empty for none.
    """

    name: str
    title: str
    holds: Holds
    read: Callable[[LabelFiles, Intake], None] | None
    writer: Callable[[Outgoing], Writer] | None
    recognises: Callable[[LabelFiles], bool]
    folder: bool = False
    suffix: str = ".json"
    order: str = BY_PICTURE
    native: bool = False
    verified: str = ""
