"""Random graphs under random edits: exactly the changed steps run, by an oracle that is not us."""

from __future__ import annotations

import json

import workflow_steps as steps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

WORLDS = iter(range(10**9))
"""A parameter that keeps the examples apart in one catalog."""


@st.composite
def scripts(draw):
    """A graph, node -> (value, earlier nodes), and the graphs that follow from it by edits."""
    size = draw(st.integers(1, 7))

    def node_at(place):
        inputs = st.lists(st.integers(0, place - 1), max_size=3) if place else st.just([])
        return st.tuples(st.integers(0, 5), inputs)

    graph = [draw(node_at(place)) for place in range(size)]
    versions = [graph]
    for _ in range(draw(st.integers(1, 5))):
        place = draw(st.integers(0, size - 1))
        if draw(st.booleans()):  # back to any earlier version, or on from here
            versions.append(draw(st.sampled_from(versions)))
        else:
            graph = list(versions[-1])
            graph[place] = draw(node_at(place))
            versions.append(graph)
    return versions


def oracle(graph, seen):
    """Totals of the nodes, and which of them have to run; knows keys, not digests."""
    totals, runs = [], []
    for name, (value, inputs) in enumerate(graph):
        key = (name, value, tuple(totals[place] for place in inputs))
        if key not in seen:
            seen.add(key)
            runs.append(name)
        totals.append((value + sum(totals[place] for place in inputs)) // 3)
    return totals, runs


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(scripts())
def test_exactly_the_changed_steps_run(shop, versions):
    world = f"world {next(WORLDS)}"
    seen = set()
    for graph in versions:
        runner = shop.runner()
        steps.RAN.clear()
        made = []
        for name, (value, inputs) in enumerate(graph):
            parts = [made[place] for place in inputs]
            made.append(runner.run(steps.node, inputs=parts, world=world, name=name, value=value))
        totals, runs = oracle(graph, seen)
        assert [json.loads(shop.blobs.get(item.digest))["total"] for item in made] == totals
        assert [int(name) for name in steps.RAN] == runs
