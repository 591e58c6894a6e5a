"""Every name in every plug-in table resolves."""

import pytest

from ringroad.cli.main import COMMANDS
from ringroad.domain.errors import MissingExtra, UnknownName
from ringroad.plugins import ALL, Table


@pytest.mark.parametrize(
    ("table", "name"), [(table, name) for table in ALL for name in table.entries]
)
def test_entry_resolves(table, name):
    assert table.load(name) is not None


@pytest.mark.parametrize("name", COMMANDS)
def test_command_resolves(name):
    from ringroad.cli.main import ringroad

    command = ringroad.get_command(None, name)
    assert command is not None
    assert command.name == name


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(UnknownName, match="known: file"):
        ALL[0].load("tape")


def test_missing_package_names_the_extra():
    table = Table("things", {"x": "no_such_package.part:Thing"}, extras={"x": "cluster"})
    with pytest.raises(MissingExtra, match=r"ringroad\[cluster\]"):
        table.load("x")
