"""How strongly each fault of a recording is injected. Written down before any check was tuned.

FIXED: a magnitude here is what a team would want found. A check that misses it is to be improved,
or its miss reported; the figure is not to be moved towards what a check finds.
"""

from __future__ import annotations

MAGNITUDES: dict[str, dict[str, float]] = {
    # Time of one channel; periods are the channel's own.
    "missing-frames": {"share": 0.02},
    "repeated-times": {"share": 0.02},
    "time-backwards": {"periods": 3.0},
    "rate-off": {"slower": 1.25, "share": 0.4},
    "channel-gap": {"seconds": 3.0, "periods": 12.0},  # the longer of both
    "silent-start": {"seconds": 4.0, "periods": 12.0},
    "silent-end": {"seconds": 4.0, "periods": 12.0},
    "few-messages": {"lost_share": 0.65},
    "size-change": {"pixels": 16.0, "share": 0.3},
    # Clocks.
    "clock-jump": {"seconds": 2.0},
    "clock-drift": {"ppm": 500.0},
    "clock-offset": {"seconds": 0.8},
    # GNSS.
    "gnss-jump": {"metres": 80.0},
    "gnss-outage": {"seconds": 8.0},
    "gnss-frozen": {"seconds": 8.0},
    # IMU. Uncalibrated consumer parts state offsets of up to 0.09 rad/s.
    "imu-bias": {"rad_per_s": 0.25},
    "imu-saturation": {"range_m_per_s2": 19.6, "push_m_per_s2": 30.0, "seconds": 0.5},
    "imu-gravity": {"factor": 1.15},
    "imu-frozen": {"seconds": 3.0},
    # Motion and CAN.
    "wheel-speed-off": {"factor": 1.25},
    "speed-range": {"metres_per_s": 182.0, "samples": 3.0},
    "can-silence": {"seconds": 4.0},
    "can-stuck": {"seconds": 12.0},
    # Calibration.
    "calibration-focal-length": {"factor": 12.0},
    "calibration-principal-point": {"widths": 1.5},
    "calibration-rotation": {"factor": 1.05},
    "calibration-translation": {"metres": 80.0},
    "calibration-missing": {},
    # Lidar and radar.
    "lidar-dropout": {"left_share": 0.3, "sweeps": 4.0},
    "sweep-rate": {"slower": 1.25, "share": 0.4},
    # The recording as a whole.
    "salvaged": {"lost_s": 3.0},
    "no-clock": {},
    # Pictures, by the picture's own width where a length is meant.
    "frozen": {"pictures": 8.0},
    "black": {"p99_level": 6.0, "pictures": 4.0},
    "over-exposed": {"clipped_share": 0.65, "pictures": 4.0},
    "under-exposed": {"p99_level": 26.0, "pictures": 4.0},
    "blurred": {"sigma_of_width": 4.0 / 640.0, "pictures": 4.0},
    "low-contrast": {"left_share": 0.12, "pictures": 4.0},
    "occluded": {"area_share": 0.4, "pictures": 0.0},  # of the picture; all pictures
    "exposure-jump": {"stops": 2.0, "pictures": 1.0},
    "colour-cast": {"blue_left": 0.3, "pictures": 4.0},
}
"""Check -> what its fault does; see `faults_recordings.py` and `faults_pictures.py`."""
