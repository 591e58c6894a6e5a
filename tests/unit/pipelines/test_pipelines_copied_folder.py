"""A copied folder of pictures reads the same once its originals are gone."""

import shutil

import numpy as np

from ringroad.app import Settings, open_workspace
from ringroad.media.arrow import from_bytes
from ringroad.media.pictures.images import encode_jpeg
from ringroad.media.pictures.proxies import pixels_of
from ringroad.pipelines.recordings.collect import collect, read_recording
from ringroad.pipelines.recordings.see import see
from ringroad.workflow.bench import SilentTracker


def test_pictures_come_out_of_the_chunks(tmp_path):
    folder = tmp_path / "drive"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(3):
        pixels = rng.integers(0, 256, (32, 48, 3), dtype=np.uint8)
        (folder / f"{number}.jpg").write_bytes(encode_jpeg(pixels))
    workspace = open_workspace(
        Settings(folder=tmp_path / "workspace"),
        tracker=SilentTracker(),
        listener=lambda _: None,
        say=lambda _: None,
    )
    found = collect(workspace, [folder], vehicle="car", copy=True, rate_hz=2.0)
    (taken,) = found.taken
    shutil.rmtree(folder)
    again = workspace.runner.run(
        read_recording,
        source=taken.source,
        reader="images",
        vehicle="other",
        source_key="drive",
        rate_hz=2.0,
        files=["0.jpg", "1.jpg", "2.jpg"],
    )
    (seen,) = see(workspace, found.taken, width=48, height=32)
    rows = workspace.blobs.get(seen.proxies.digest)
    workspace.close()

    assert again["frames"] != taken.frames  # another vehicle, other ids
    assert pixels_of(from_bytes(rows)).shape == (3, 32, 48, 3)
    assert taken.recording.synthetic is False
