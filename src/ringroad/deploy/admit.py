"""A network from outside, taken in: checked, stripped, opened and run once. Runs in a sandbox.

Weights of the reference network come in through models/admit.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ringroad.deploy.onnx_check import check_network
from ringroad.deploy.onnx_strip import strip
from ringroad.deploy.plan import check_plan, open_plan
from ringroad.domain.errors import InputError, RingroadError
from ringroad.domain.plan import PlanManifest
from ringroad.models.config import read_config
from ringroad.plugins import PREDICTORS
from ringroad.protocols.runtime import Runtime

FRAME = (360, 640)
"""Rows and columns of the black frame for predictors that take frames of any size."""


def admit_plan(runtime: Runtime, plan: bytes, manifest: PlanManifest) -> None:
    """Check a plan of unknown origin, open it and run it once on black frames.

    Call it through a sandbox, for the reasons and with the limits that `admit_network` tells.

    Raises:
        PlanRefused: bytes, platform or engine are not the manifest's.
        InputError: the file breaks a rule, or the engine fails on it.
    """
    check_plan(runtime, plan, manifest)
    check_network(plan)
    session = open_plan(runtime, plan, manifest)
    try:
        session.run(black_frames(manifest))
    except (RingroadError, MemoryError):
        raise
    except Exception as error:
        raise InputError(
            f"the engine cannot run it: {type(error).__name__}: {str(error).splitlines()[0][:200]}",
            subject=f"plan {manifest.plan[:12]}",
            remedy="build it again: ringroad plans build MODEL",
        ) from error


def black_frames(manifest: PlanManifest) -> dict[str, np.ndarray]:
    """One frame, or whatever a plan takes, of zeros; sides that are open are 1."""
    return {
        item.name: np.zeros([side if isinstance(side, int) else 1 for side in item.shape], np.uint8)
        for item in manifest.inputs
    }


def admit_network(
    runtime: Runtime, network: bytes, predictor: str, config: Mapping[str, Any]
) -> tuple[dict[str, Any], bytes]:
    """Check an ONNX file, strip it, and let its predictor read one black frame with it.

    Call it through a sandbox. Parser, checker, optimiser and engine are native code: a file on
    which one of them crashes, hangs or takes all memory costs a worker, and nothing is taken
    in. Weights in other files are refused before anything opens a path that the file names.

    It is no proof of good will. The network runs outside the sandbox afterwards: one that
    misbehaves on other frames alone is not found here. Nor does a sandbox keep who took over
    its worker from system calls, or from handing out other bytes than it was given.

    Args:
        runtime: the engine that will run it later, with the same optimisation.
        network: the file's bytes.
        predictor: name of who reads its answers.
        config: of the reference network; empty for the others.

    Returns:
        What `check_network` tells of the file, and the stripped network.

    Raises:
        InputError: the file breaks a rule, the engine does not take it, or the predictor cannot
            read what it answers.
    """
    told = check_network(network)
    plain = strip(network)
    options = {"config": read_config(dict(config))} if config else {}
    rows, columns = (config["height"], config["width"]) if config else FRAME
    black = np.zeros((1, rows, columns, 3), np.uint8)
    session = runtime.load(plain, threads=1, optimise=True)
    try:
        PREDICTORS.load(predictor)(session, **options).predict(black)
    except (RingroadError, MemoryError):
        raise
    except Exception as error:
        raise InputError(
            f"predictor {predictor!r} cannot read it: {type(error).__name__}: {error}",
            remedy="name the predictor that belongs to it: ringroad plugins list",
        ) from error
    return told, plain
