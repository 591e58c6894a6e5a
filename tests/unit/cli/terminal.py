"""The command line on one workspace, in this process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from ringroad.cli.main import ringroad


@dataclass(frozen=True)
class Terminal:
    """Runs commands, holds their exit status to what is expected, and gives what they print."""

    workspace: Path

    def run(self, *arguments: str, status: int = 0) -> str:
        result = CliRunner().invoke(
            ringroad, [*arguments, "--workspace", str(self.workspace), "--workers", "1"]
        )
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == status, result.output
        return result.output

    def ask(self, *arguments: str, status: int = 0) -> dict[str, Any]:
        told = json.loads(self.run(*arguments, "--json", status=status))
        assert isinstance(told, dict)
        return told
