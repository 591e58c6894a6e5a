"""The user's command is split once, filled in word by word, and never seen by a shell."""

from __future__ import annotations

import sys

import pytest

from ringroad.domain.errors import InputError, InvalidConfig
from ringroad.train.command import arguments_of, files_of, run_command

VALUES = {"dataset": "/a b/$(x)", "model": "m; rm -rf", "seed": "3"}


class Heard:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def metrics(self, values, *, step: int) -> None:
        raise AssertionError

    def progress(self, what: str, done: int, total: int) -> None:
        self.lines.append(what)


def test_a_value_stays_one_word_whatever_it_holds():
    found = arguments_of("fit 'my file' --in={dataset} {model} {seed}", VALUES)
    assert found == ["fit", "my file", "--in=/a b/$(x)", "m; rm -rf", "3"]


@pytest.mark.parametrize(
    "command", ["x {dataset}", "x {model}", "x {dataset} {model} {home}", "x '"]
)
def test_a_command_that_cannot_work_is_refused_before_it_runs(command: str):
    with pytest.raises(InvalidConfig):
        arguments_of(command, VALUES)


def test_every_line_is_heard():
    heard = Heard()
    run_command([sys.executable, "-c", "print('one'); print('two')"], tracker=heard)
    assert heard.lines == ["one", "two"]


def test_a_failure_names_the_status_and_the_last_lines():
    body = "import sys; [print(n) for n in range(50)]; sys.exit(7)"
    with pytest.raises(InputError, match=r"status 7.*48 \| 49") as caught:
        run_command([sys.executable, "-c", body], tracker=Heard())
    assert "39" not in caught.value.what


def test_a_program_that_is_not_there_is_told():
    with pytest.raises(InputError, match="cannot be started"):
        run_command(["/no/such/program"], tracker=Heard())


def test_no_shell_reads_the_words(tmp_path):
    target = tmp_path / "touched"
    heard = Heard()
    run_command(
        [sys.executable, "-c", "import sys; print(sys.argv[1])", f"$(touch {target})"],
        tracker=heard,
    )
    assert not target.exists()
    assert heard.lines == [f"$(touch {target})"]


def test_an_edited_script_is_another_file(tmp_path):
    script = tmp_path / "fit.py"
    script.write_text("1")
    before = files_of(f"python {script} {{dataset}}")
    script.write_text("2")
    assert before.keys() == {str(script)}
    assert files_of(f"python {script} {{dataset}}") != before
