"""Records of KITTI's inertial navigation system, a file of 30 numbers each, and what is where.

Names and units after `dataformat.txt` of the data set. Its axes are the vehicle's: x ahead,
y to the left, z up.
"""

from __future__ import annotations

from ringroad.domain.recording import GNSS, IMU
from ringroad.ingest.navigation_records import RecordLayout

NORTH, EAST = 6, 7
OXTS = RecordLayout(
    name="oxts",
    numbers=30,
    north=NORTH,
    east=EAST,
    places={
        "gnss.latitude": (GNSS, 0, 1.0, "deg"),
        "gnss.longitude": (GNSS, 1, 1.0, "deg"),
        "gnss.altitude": (GNSS, 2, 1.0, "m"),
        "gnss.velocity.north": (GNSS, NORTH, 1.0, "m/s"),
        "gnss.velocity.east": (GNSS, EAST, 1.0, "m/s"),
        "gnss.position_accuracy": (GNSS, 23, 1.0, "m"),
        "gnss.satellites": (GNSS, 26, 1.0, ""),
        "imu.orientation.roll": (IMU, 3, 1.0, "rad"),
        "imu.orientation.pitch": (IMU, 4, 1.0, "rad"),
        "imu.orientation.yaw": (IMU, 5, 1.0, "rad"),
        "speed": (IMU, 8, 1.0, "m/s"),
        "imu.linear_acceleration.x": (IMU, 11, 1.0, "m/s2"),
        "imu.linear_acceleration.y": (IMU, 12, 1.0, "m/s2"),
        "imu.linear_acceleration.z": (IMU, 13, 1.0, "m/s2"),
        "imu.angular_velocity.x": (IMU, 17, 1.0, "rad/s"),
        "imu.angular_velocity.y": (IMU, 18, 1.0, "rad/s"),
        "imu.angular_velocity.z": (IMU, 19, 1.0, "rad/s"),
    },
)
