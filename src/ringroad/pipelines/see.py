"""From a recording's index to what curation knows of its frames: proxies, features, embedding."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringroad.curate.describe import describe
from ringroad.curate.embed import NAME as EMBEDDER
from ringroad.curate.embed import embed
from ringroad.domain.artifact import Artifact
from ringroad.media import proxies as pack
from ringroad.media.frames import read_decoded
from ringroad.media.schemas import embeddings
from ringroad.workflow.bench import Bench
from ringroad.workflow.step import step


@step(uses=("av", "numpy", "pillow", "pyarrow", "simplejpeg"))
def decode_recording(
    bench: Bench, *, frames: Artifact, width: int, height: int, every: int
) -> Artifact:
    """Decode each n-th frame once, inside the sandbox, to the network's size."""
    rows = bench.read_table(frames)
    rows = rows.take(list(range(0, rows.num_rows, every)))
    sequences = rows.column("sequence").to_pylist()
    whole = bench.read_table(frames)
    pixels = read_decoded(bench.sources, bench.sandbox, whole, sequences, size=(width, height))
    sizes = np.stack([rows.column("width").to_numpy(), rows.column("height").to_numpy()], axis=1)
    return bench.write_table(
        "proxies", pack.to_table(rows.column("frame_id").to_pylist(), pixels, sizes)
    )


@step(uses=("numpy", "pyarrow"))
def describe_recording(
    bench: Bench, *, frames: Artifact, signals: Artifact, proxies: Artifact
) -> dict[str, Artifact]:
    """Measure every kept frame and embed it; both become rows that queries see."""
    packed = bench.read_table(proxies)
    kept = packed.column("frame_id")
    rows = bench.read_table(frames)
    rows = rows.filter(pc.is_in(rows.column("frame_id"), value_set=kept.combine_chunks()))
    pixels = pack.pixels_of(packed)
    described = describe(rows, pixels, bench.read_table(signals))
    vectors = embed(pixels)
    packed_vectors = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
    table = pa.table([kept, packed_vectors], schema=embeddings(vectors.shape[1]))
    return {
        "frames": bench.write_table("frames", described, table_name="frames"),
        "embeddings": bench.write_table("embeddings", table, table_name=f"embeddings.{EMBEDDER}"),
    }
