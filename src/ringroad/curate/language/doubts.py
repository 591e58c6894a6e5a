"""What of a query looks like a slip, though it can be answered: texts that no frame has."""

from __future__ import annotations

from ringroad.curate.language.tree import Compare, In, Node, parts_of
from ringroad.curate.language.vocabulary import TEXT, Vocabulary, nearest


def doubts(node: Node | None, vocabulary: Vocabulary) -> list[str]:
    """Texts that no frame has in a column whose texts are known."""
    match node:
        case None:
            return []
        case Compare(column=column, op="=" | "!=", value=value):
            return _untold(column, (value,), vocabulary)
        case In(column=column, values=values):
            return _untold(column, values, vocabulary)
        case _:
            return [note for part in parts_of(node) for note in doubts(part, vocabulary)]


def _untold(column: str, values: tuple[object, ...], vocabulary: Vocabulary) -> list[str]:
    word = vocabulary.columns[column]
    if word.kind != TEXT or not word.values:
        return []
    notes = []
    for value in values:
        if value not in word.values:
            close = nearest(str(value), word.values)
            hint = (
                f"did you mean {close}?" if close else f"there are: {', '.join(word.values[:20])}"
            )
            notes.append(f"no frame has {column} = {value!r}; {hint}")
    return notes
