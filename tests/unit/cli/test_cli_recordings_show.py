"""`ringroad recordings show` tells of sweeps and calibrations."""

import json

import numpy as np
from click.testing import CliRunner

from ringroad.cli.main import ringroad
from ringroad.media.pictures.images import encode_jpeg

CALIBRATION = """P2: 700 0 600 45 0 700 180 -0.3 0 0 1 0.005
R0_rect: 1 0 0 0 1 0 0 0 1
Tr_velo_to_cam: 0 -1 0 0.1 0 0 -1 0.2 1 0 0 0.3
"""


def test_show_tells_of_sweeps_and_calibrations(tmp_path):
    files = {
        "image_2/000001.jpeg": encode_jpeg(np.zeros((8, 16, 3), np.uint8)),
        "velodyne/000001.bin": np.zeros((7, 4), "<f4").tobytes(),
        "calib/000001.txt": CALIBRATION.encode(),
    }
    for name, data in files.items():
        path = tmp_path / "training" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def run(*arguments: str) -> str:
        options = ("--workspace", str(tmp_path / "workspace"), "--workers", "1")
        result = CliRunner().invoke(ringroad, [*arguments, *options])
        assert result.exit_code == 0, result.output
        return result.output

    run("ingest", str(tmp_path / "training"), "--vehicle", "car")
    told = run("recordings", "show", "car/training")
    assert "sweeps    velodyne: 1, 7 points" in told
    assert "placed    image_2: f 700.0 700.0 c 600.0 180.0 px" in told
    assert "placed    velodyne: at (0.160, 0.198, 0.305) m of image_2, turned by" in told
    value = json.loads(run("recordings", "show", "car/training", "--json"))
    assert value["sweeps"][0]["points"] == 7
    assert [pose["channel"] for pose in value["calibrations"]] == ["image_2", "velodyne"]
