"""Every command line that the API tells is one that the command line takes, word by word."""

from __future__ import annotations

import ast
import inspect
import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import click
import httpx2 as httpx
import pytest

import ringroad.service as ringroad_service
from ringroad.cli.main import ringroad
from ringroad.service.build import _routes, operations_of
from ringroad.service.roles import OPERATIONS
from service_kit import Served, copied, serve
from service_places import furnish, known
from service_versions import versions_asked

SILENT = {"about", "who_am_i", "list_problems", "show_metrics", "follow_operation",
          "fill_track"}  # fmt: skip
"""About the server itself, and what a page draws and nobody keeps: no command is the same."""


GUIDELINE = 'name = "streets"\ncategories = [{ name = "car" }]'


@pytest.fixture(scope="module")
def furnished(demo_workspace: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("lines") / "workspace"
    copied(demo_workspace.folder, folder)
    for served in serve(folder):
        furnish(served)
        yield served


def taken(words: Sequence[str]) -> list[str]:
    """The commands that a line goes through, as click parses it. Raises what click raises."""
    command: click.Command = ringroad
    name, rest, context, path = "ringroad", list(words[1:]), None, []
    while True:
        context = command.make_context(name, rest, parent=context)
        path.append(name)
        if not isinstance(command, click.Group):
            return path
        found, command, rest = command.resolve_command(
            context, [*context._protected_args, *context.args]
        )
        name = str(found)


@pytest.mark.parametrize("line", ["ringroad nothing", "ringroad search --unknown x",
                                  "ringroad datasets show", "ringroad status too many",
                                  "ringroad recordings checks --severity bad"])  # fmt: skip
def test_a_line_that_is_none_is_found(line: str):
    with pytest.raises(click.UsageError):
        taken(shlex.split(line))


def asked(served: Served) -> Iterator[tuple[str, httpx.Response]]:
    """One answer of every operation that is done, and some with more words."""
    some, ask = known(served), served.ask
    first = {place: items[0] for place, items in some.items()}
    frame, recording = quote(first["frames"]), quote(first["recordings"])
    model = "demo:champion"
    for name, path in {
        "about": "", "who_am_i": "/me", "list_problems": "/problems", "show_status": "/status",
        "show_storage": "/storage", "show_funnel": "/funnel", "show_metrics": "/metrics",
        "list_recordings": "/recordings?vehicle=x", "show_recording": f"/recordings/{recording}",
        "list_frames": f"/frames?recording={recording}", "show_frame": f"/frames/{frame}",
        "show_picture": f"/pictures/{frame}", "list_checks": "/checks?severity=error",
        "list_events": "/events?kind=stop", "list_signals": f"/signals?recording={recording}",
        "show_signal": f"/signals/curves?recording={recording}&name=speed",
        "search_frames": f"/search?q=condition=night&like={frame}&explain=true",
        "complete_query": "/search/complete?q=cond&cursor=4", "list_selections": "/selections",
        "show_selection": "/selections/some", "list_orders": "/labelling/orders",
        "list_tasks": "/labelling/tasks?order=night", "list_datasets": "/datasets",
        "show_dataset": "/datasets/demo", "list_dataset_rows": "/datasets/demo/rows",
        "show_dataset_log": "/datasets/demo/log",
        "diff_datasets": f"/datasets/demo/diff?to={first['datasets']}",
        "list_training_runs": "/training-runs", "list_models": "/models",
        "show_training_run": f"/training-runs/{first['training-runs']}",
        "show_model": f"/models/{model}", "list_evaluations": "/evaluations",
        "show_evaluation": f"/evaluations/{first['evaluations']}", "list_gates": "/gates",
        "show_gate": f"/gates/{first['gates']}", "list_plans": "/plans",
        "show_plan": f"/plans/{first['plans']}", "list_aliases": "/aliases",
        "show_alias": f"/aliases/{model}", "list_promotions": "/promotions",
        "show_lineage": f"/lineage/{model}?direction=down", "list_executions": "/executions",
        "show_execution": f"/executions/{first['executions']}", "list_operations": "/operations",
        "show_operation": f"/operations/{first['operations']}",
        "follow_operation": f"/operations/{first['operations']}/events",
        "list_tokens": "/tokens", "list_audit": "/audit", "verify_audit": "/audit/verification",
    }.items():  # fmt: skip
        yield name, ask("GET", path)
    for path in (f"/checks?recording={recording}", f"/events?recording={recording}", "/search",
                 "/search?text=night", "/search?order=brightness desc",
                 "/executions?step=train_network",
                 "/search/complete", "/lineage/demo:champion", "/aliases?prefix=demo"):  # fmt: skip
        yield path, ask("GET", path)
    for form in ("application/x-ndjson", "application/vnd.apache.arrow.stream"):
        yield form, ask("GET", "/search", headers={"accept": form})
    yield from versions_asked(served)
    yield from written(served, first["frames"], first["recordings"], model)


def written(
    served: Served, frame: str, recording: str, model: str
) -> Iterator[tuple[str, httpx.Response]]:
    """One answer of every operation that writes."""
    ask = served.ask
    etag = {"if-match": ask("GET", "/datasets/demo").headers["etag"]}
    kpis = served.get("/evaluations")["items"][0]["id"]
    rows = [row["frame_id"] for row in served.get("/datasets/demo/rows")["items"]]
    gate = {"kpis": kpis, "name": "n", "metric": "AP50", "category": "all", "slice": "all",
            "minimum": 0.1}  # fmt: skip
    bodies: list[tuple[str, str, dict[str, Any], dict[str, str]]] = [
        ("check_recordings", "/checks", {}, {}),
        ("check_recordings", "/checks", {"recordings": [recording]}, {}),
        ("find_events", "/events", {}, {}),
        ("find_events", "/events", {"recordings": [recording]}, {}),
        ("save_selection", "/selections", {"name": "a b", "query": "condition = night"}, {}),
        ("save_selection", "/selections", {"name": "c", "text": "a car", "limit": 3}, {}),
        ("save_selection", "/selections", {"name": "d", "living": True}, {}),
        ("add_to_selection", "/selections/e", {"frames": [frame], "reason": "odd"}, {}),
        ("append_dataset", "/datasets/demo", {"selection": "some"}, {}),
        ("append_dataset", "/datasets/demo", {"selection": "some", "reason": "r"}, etag),
        ("append_dataset", "/datasets/demo", {"remove": rows[:1]}, etag),
        ("append_dataset", "/datasets/demo", {"remove": rows[:2], "reason": "dark"}, {}),
        ("append_dataset", "/datasets/new", {"selection": "some", "unit": "block"},
         {"if-none-match": "*"}),
        ("evaluate_model", "/evaluations", {"model": model, "dataset": "demo"}, {}),
        ("check_gate", "/gates", gate, {}),
        ("build_plan", "/plans", {"model": model}, {}),
        ("move_alias", "/aliases/demo:spare", {"artifact": model}, {}),
        ("preview_guideline", "/labelling/guidelines:preview",
         {"toml": GUIDELINE, "text": "t"}, {}),
        ("create_guideline", "/labelling/guidelines", {"toml": GUIDELINE, "reason": "r"},
         {"if-none-match": "*"}),
        ("create_token", "/tokens", {"who": "Eve Li", "role": "viewer", "scopes": ["read"]}, {}),
        ("propose_promotion", "/promotions",
         {"name": "demo:champion", "artifact": model, "reason": "r"}, {}),
    ]  # fmt: skip
    for name, path, body, headers in bodies:
        yield name, ask("POST", path, json=body, headers=headers)
    promotion = served.get("/promotions")["items"][0]["id"]
    ben = served.token("approver", who="Ben")
    body = {"agree": False}
    yield "decide_promotion", ask("POST", f"/promotions/{promotion}:decide", json=body, token=ben)
    token = served.get("/tokens")["items"][0]["id"]
    yield "revoke_token", ask("DELETE", f"/tokens/{token}")
    with served.stranger as first, served.stranger as second:
        for browser in (first, second):
            browser.post("/enter", json={"token": served.token("viewer", who="Eve Li")})
        yield "list_sessions", ask("GET", "/sessions")
        session = served.get("/sessions")["items"][0]["id"]
        yield "end_session", ask("DELETE", f"/sessions/{session}")
        yield "end_sessions", ask("POST", "/sessions/Eve%20Li:end")
    waiting = ask("POST", "/plans", json={"model": model}).json()["operation"]["id"]
    yield "cancel_operation", ask("POST", f"/operations/{waiting}:cancel")
    yield from labelled(served)


def labelled(served: Served) -> Iterator[tuple[str, httpx.Response]]:
    """Draw, skip and review."""

    def turn(token: str) -> tuple[httpx.Response, str, int]:
        answer = served.ask("POST", "/labelling/turns", token=token, json={})
        held = answer.json()["turn"]
        return answer, f"/labelling/tasks/{held['task']}", held["token"]

    ada, ben = (served.token("labeller", who=who) for who in ("Ada", "Ben"))
    answer, at, held = turn(ada)
    yield "take_turn", answer
    yield "beat_task", served.ask("POST", f"{at}:beat", token=ada, json={"token": held})
    body: dict[str, Any] = {"token": held, "reason": "dark"}
    yield "skip_task", served.ask("POST", f"{at}:skip", token=ada, json=body)
    for who in (ben, served.token("labeller", who="Cleo"), served.token("labeller", who="Dan")):
        _, at, held = turn(who)
        body = {"token": held, "marks": []}
        yield "submit_task", served.ask("POST", f"{at}:submit", token=who, json=body)
    eve = served.token("reviewer", who="Eve")
    kinds = {"kinds": ["review"]}
    held_turn = served.ask("POST", "/labelling/turns", token=eve, json=kinds).json()["turn"]
    body = {"token": held_turn["token"], "accept": True}
    at = f"/labelling/tasks/{held_turn['task']}:review"
    yield "review_task", served.ask("POST", at, token=eve, json=body)


def test_every_line_is_one_that_the_command_line_takes(furnished: Served):
    done, wrong = set(), []
    for name, answer in asked(furnished):
        assert answer.status_code < 300, (name, answer.text)
        done.add(name)
        line = unquote(answer.headers.get("ringroad-cli", ""))
        if bool(line) == (name in SILENT):
            wrong.append((name, line or "no line"))
        media = answer.headers["content-type"]
        body = answer.json() if media == "application/json" else None
        if isinstance(body, dict) and "cli" in body:
            assert body["cli"] == line, name
        try:
            if line:
                taken(shlex.split(line))
        except click.UsageError as error:
            wrong.append((line, error.format_message()))
    assert len(done & set(OPERATIONS)) >= 60
    assert not wrong, "\n".join(map(str, wrong))


def told_in_code() -> Iterator[tuple[str, int, list[str | None]]]:
    """Every `command(...)` of the service: file, line and words; None for what a request says."""
    folder = Path(str(ringroad_service.__file__)).parent
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "command":
                yield path.name, node.lineno, [_literal(word) for word in node.args]


def _literal(word: ast.expr) -> str | None:
    found = word.value if isinstance(word, ast.Constant) else None
    return found if isinstance(found, str) else None


def test_every_line_in_the_code_names_a_command_and_its_options():
    """Also those that no request of this file reaches."""
    wrong, seen = [], 0
    for file, number, words in told_in_code():
        if not words or words[0] is None or words[0].startswith("-"):
            continue  # more words of a line that is begun elsewhere
        command: click.Command | None = ringroad_command(words[0])
        rest = words[1:]
        while isinstance(command, click.Group) and rest and rest[0] is not None:
            command = command.get_command(click.Context(command), rest.pop(0))
        if isinstance(command, click.Group) and rest and rest[0] is None:
            continue  # the verb comes with the request
        if command is None or isinstance(command, click.Group):
            wrong.append(f"{file}:{number}: {words}")
            continue
        known_options = {at for part in command.params for at in (*part.opts, *part.secondary_opts)}
        known_options.add("--help")
        asked = {at for at in rest if at is not None and at.startswith("-")}
        seen += 1
        if asked - known_options:
            wrong.append(f"{file}:{number}: {words}: {asked - known_options}")
    assert not wrong, "\n".join(wrong)
    assert seen > 60


def test_every_operation_tells_a_line():
    """By what its function calls; a header where the body has no room for it."""
    routes = operations_of(_routes(lifespan=None))
    untold = {name for name, route in routes.items() if not _tells(route.endpoint)}
    assert untold <= SILENT, untold - SILENT


def _tells(endpoint: Any) -> bool:
    module = inspect.getmodule(endpoint)
    text = inspect.getsource(endpoint)
    called = re.findall(r"\b(_\w+)\(", text)
    near = "".join(
        inspect.getsource(getattr(module, name))
        for name in called
        if inspect.isfunction(getattr(module, name, None))
    )
    return bool(re.search(r"say_cli\(|accepted\(|cli=", text + near))


def test_problems_point_at_lines_and_addresses_that_there_are():
    """What hints and remedies of the service name is held by the same parser."""
    folder = Path(str(ringroad_service.__file__)).parent
    named = {
        found.strip()
        for path in folder.rglob("*.py")
        for found in re.findall(r"[:`\"] ?(ringroad [a-z]+(?: [a-z]+)?)", path.read_text())
    }
    assert named
    for line in named:
        command, *rest = line.split()[1:]
        found = ringroad_command(command)
        assert found is not None, line
        if isinstance(found, click.Group) and rest:
            assert rest[0] in found.commands, line


def ringroad_command(name: str) -> click.Command | None:
    return ringroad.get_command(click.Context(ringroad), name)
