"""The vocabulary of the small sources."""

from __future__ import annotations

import pytest
from small_sources import small_vocabulary

from ringroad.curate.language.vocabulary import Vocabulary


@pytest.fixture(scope="session")
def words() -> Vocabulary:
    """What the small sources know."""
    return small_vocabulary()
