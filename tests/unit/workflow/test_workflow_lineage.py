from __future__ import annotations

import json
import time

import pytest
import workflow_steps as steps

from ringroad.domain.errors import UnknownName
from ringroad.domain.ids import ArtifactId
from ringroad.testing.catalog_nouns import commit, made, recording_of
from ringroad.workflow.lineage import as_json, as_text, downstream, upstream


def loop(catalog):
    """Two recordings to one dataset, a model, a KPI and two plans."""
    sources = [made("a.mcap", "source"), made("b.mcap", "source")]
    frames = [made("fa", "frames"), made("fb", "frames")]
    for name, source, rows in zip("ab", sources, frames, strict=True):
        recording = recording_of(f"{name}.mcap")
        commit(catalog, f"read {name}", {"source": source}, {"frames": rows}, [recording])
    dataset, model = made("d", "dataset"), made("m", "model")
    commit(
        catalog, "choose", {"frames[0]": frames[0], "frames[1]": frames[1]}, {"dataset": dataset}
    )
    commit(catalog, "train", {"dataset": dataset}, {"model": model})
    commit(catalog, "evaluate", {"model": model, "dataset": dataset}, {"kpis": made("k", "kpis")})
    commit(catalog, "export", {"model": model}, {"plan": made("p", "plan")})
    commit(catalog, "apart", {"source": made("c.mcap", "source")}, {"plan": made("q", "plan")})
    catalog.move("detector:champion", model.id, expected=None, now_ns=1)
    return sources


def test_from_a_kpi_down_to_recordings_code_and_seed(shop):
    sources = loop(shop.catalog)
    found = upstream(shop.catalog, made("k", "kpis").id)
    recordings = {node.recording for node in found.artifacts.values() if node.recording}
    assert recordings == {"car/a.mcap", "car/b.mcap"}
    names = [item.key.parameters["name"] for item in found.executions.values()]
    assert names == ["read a", "read b", "choose", "train", "evaluate"]
    text = as_text(found)
    for part in ("recording car/a.mcap", "[detector:champion]", "seed 7, code ", "(shown above)"):
        assert part in text
    lines = text.splitlines()
    assert lines[0] == f"kpis:{made('k', 'kpis').digest[:12]}"
    assert lines[1].startswith("  made by work, seed 7, code ")
    assert sum(sources[0].digest[:12] in line for line in lines) == 1


def test_from_one_recording_up_to_every_plan(shop):
    sources = loop(shop.catalog)
    found = downstream(shop.catalog, sources[0].id)
    kinds = sorted(at.partition(":")[0] for at in found.artifacts)
    assert kinds == ["dataset", "frames", "kpis", "model", "plan", "source"]
    assert made("fb", "frames").id not in found.artifacts
    assert made("q", "plan").id not in found.artifacts
    assert "went into work" in as_text(found)


def test_json_is_stable_and_complete(shop):
    loop(shop.catalog)
    found = upstream(shop.catalog, ArtifactId(made("k", "kpis").digest[:9]))
    value = as_json(found)
    assert json.loads(json.dumps(value)) == value
    assert value == as_json(upstream(shop.catalog, made("k", "kpis").id))
    assert value["start"] == made("k", "kpis").id
    assert {edge["artifact"] for edge in value["edges"]} == {
        node["id"] for node in value["artifacts"]
    }
    assert all(item["modules"] and item["seed"] == 7 for item in value["executions"])


def test_an_artifact_alone_and_one_that_is_not_there(shop):
    loop(shop.catalog)
    alone = downstream(shop.catalog, made("p", "plan").id)
    assert as_text(alone) == f"plan:{made('p', 'plan').digest[:12]}"
    with pytest.raises(UnknownName):
        upstream(shop.catalog, ArtifactId("kpis:abc"))


def test_what_a_runner_did_is_its_lineage(shop):
    runner = shop.runner()
    a, b = runner.run(steps.note, text="a", seed=5), runner.run(steps.note, text="b")
    joined = runner.run(steps.join, parts=[a, b], between="-")
    found = upstream(shop.catalog, joined.id)
    assert [item.key.step for item in found.executions.values()] == ["note", "note", "join"]
    text = as_text(found)
    assert f"parts[0] = note:{a.digest[:12]}" in text
    assert "made by note, seed 5" in text


def test_a_hundred_thousand_edges_and_no_recursion(shop):
    """A chain of 25,000 steps, each with its own side input: 4 edges per link."""
    links = 25_000
    names = [f"{number:064x}" for number in range(2 * links + 1)]
    rows = [{"id": f"n:{name}", "kind": "n", "digest": name} for name in names]
    with shop.catalog.writing() as db:
        db.exec_driver_sql("INSERT INTO code VALUES ('c', '{}')")
        db.exec_driver_sql(
            "INSERT INTO artifact (id, kind, digest, size_bytes, media)"
            " VALUES (:id, :kind, :digest, 0, '')",
            rows,
        )
        key = '{"environment":{},"inputs":{},"parameters":{},"seed":0}'
        chain = []
        edges = []
        for number in range(links):
            ends = [f"n:{names[place]}" for place in (number, links + number, number + 1)]
            inputs = json.dumps({"before": ends[0], "side": ends[1], "twin": ends[0]})
            at = f"e{number:063d}"
            chain.append({"id": at, "key": key, "i": inputs, "o": json.dumps({"out": ends[2]})})
            roles = (("in", "before", 0), ("in", "side", 1), ("in", "twin", 0), ("out", "out", 2))
            edges += [
                {"e": at, "d": direction, "r": role, "a": ends[end]}
                for direction, role, end in roles
            ]
        db.exec_driver_sql(
            "INSERT INTO execution (id, step, code, key, inputs, outputs, started_ns, ended_ns,"
            " host, attempts) VALUES (:id, 's', 'c', :key, :i, :o, 0, 0, 'h', 1)",
            chain,
        )
        db.exec_driver_sql("INSERT INTO edge VALUES (:e, :d, :r, :a)", edges)
    start = time.process_time()
    found = upstream(shop.catalog, ArtifactId(f"n:{names[links]}"))
    assert len(found.edges) == 4 * links
    assert len(as_text(found).splitlines()) > 2 * links
    assert len(downstream(shop.catalog, ArtifactId(f"n:{names[0]}")).executions) == links
    assert time.process_time() - start < 15
