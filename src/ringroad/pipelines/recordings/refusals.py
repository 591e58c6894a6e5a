"""Refusals that hold no more: a path that was not there, a folder that held nothing to read."""

from __future__ import annotations

from collections.abc import Sequence

from ringroad.ingest.discover import SourceFile
from ringroad.protocols.catalog import Recordings
from ringroad.store.layout import FILE, FOLDER, uri_of


def withdraw(catalog: Recordings, sources: Sequence[SourceFile]) -> None:
    """Forget refusals of places at which, or below which, a source was found since.

    Whoever takes the sources in remembers afterwards what is still refused among them.
    """
    refused = {refusal.uri for refusal in catalog.refusals()}
    if not refused:
        return
    places = {source.path.absolute() for source in sources if not source.url}
    places |= {folder for place in list(places) for folder in place.parents}
    held = {uri_of(kind, place) for place in places for kind in (FILE, FOLDER)}
    for uri in sorted(refused & held):
        catalog.withdraw(uri)
