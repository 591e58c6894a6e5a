"""Definitions of the ROS 2 messages that we write, as an MCAP schema of `ros2msg` wants them.

Fields after common_interfaces, ros_canopen and foxglove_msgs. Each text holds the message, then
every message it is made of, each behind a rule.
"""

from __future__ import annotations

from ringroad.media.messages.ros2 import IMAGE, VIDEO

IMU = "sensor_msgs/msg/Imu"
GNSS = "sensor_msgs/msg/NavSatFix"
MOTION = "geometry_msgs/msg/TwistStamped"
CAN = "can_msgs/msg/Frame"
CLOUD = "sensor_msgs/msg/PointCloud2"
CAMERA_INFO = "sensor_msgs/msg/CameraInfo"
TRANSFORMS = "tf2_msgs/msg/TFMessage"
NUMBER = "std_msgs/msg/Float64"

_RULE = "=" * 80
_TIME = f"""{_RULE}
MSG: builtin_interfaces/Time
int32 sec
uint32 nanosec
"""
_HEADER = (
    f"""{_RULE}
MSG: std_msgs/Header
builtin_interfaces/Time stamp
string frame_id
"""
    + _TIME
)
_VECTOR = f"""{_RULE}
MSG: geometry_msgs/Vector3
float64 x
float64 y
float64 z
"""
_QUATERNION = (
    f"{_RULE}\nMSG: geometry_msgs/Quaternion\nfloat64 x\nfloat64 y\nfloat64 z\nfloat64 w\n"
)

DEFINITIONS = {
    IMAGE: "std_msgs/Header header\nstring format\nuint8[] data\n" + _HEADER,
    IMU: (
        "std_msgs/Header header\ngeometry_msgs/Quaternion orientation\n"
        "float64[9] orientation_covariance\ngeometry_msgs/Vector3 angular_velocity\n"
        "float64[9] angular_velocity_covariance\ngeometry_msgs/Vector3 linear_acceleration\n"
        "float64[9] linear_acceleration_covariance\n" + _HEADER + _VECTOR + _QUATERNION
    ),
    GNSS: (
        "std_msgs/Header header\nsensor_msgs/NavSatStatus status\nfloat64 latitude\n"
        "float64 longitude\nfloat64 altitude\nfloat64[9] position_covariance\n"
        "uint8 position_covariance_type\n" + _HEADER + f"{_RULE}\n"
        "MSG: sensor_msgs/NavSatStatus\nint8 status\nuint16 service\n"
    ),
    MOTION: (
        "std_msgs/Header header\ngeometry_msgs/Twist twist\n" + _HEADER + f"{_RULE}\n"
        "MSG: geometry_msgs/Twist\ngeometry_msgs/Vector3 linear\ngeometry_msgs/Vector3 angular\n"
        + _VECTOR
    ),
    CAN: (
        "std_msgs/Header header\nuint32 id\nbool is_rtr\nbool is_extended\nbool is_error\n"
        "uint8 dlc\nuint8[8] data\n" + _HEADER
    ),
    VIDEO: (
        "builtin_interfaces/Time timestamp\nstring frame_id\nuint8[] data\nstring format\n" + _TIME
    ),
    CLOUD: (
        "std_msgs/Header header\nuint32 height\nuint32 width\nsensor_msgs/PointField[] fields\n"
        "bool is_bigendian\nuint32 point_step\nuint32 row_step\nuint8[] data\nbool is_dense\n"
        + _HEADER
        + f"{_RULE}\nMSG: sensor_msgs/PointField\nuint8 INT8=1\nuint8 UINT8=2\nuint8 INT16=3\n"
        "uint8 UINT16=4\nuint8 INT32=5\nuint8 UINT32=6\nuint8 FLOAT32=7\nuint8 FLOAT64=8\n"
        "string name\nuint32 offset\nuint8 datatype\nuint32 count\n"
    ),
    CAMERA_INFO: (
        "std_msgs/Header header\nuint32 height\nuint32 width\nstring distortion_model\n"
        "float64[] d\nfloat64[9] k\nfloat64[9] r\nfloat64[12] p\nuint32 binning_x\n"
        "uint32 binning_y\nsensor_msgs/RegionOfInterest roi\n" + _HEADER + f"{_RULE}\n"
        "MSG: sensor_msgs/RegionOfInterest\nuint32 x_offset\nuint32 y_offset\nuint32 height\n"
        "uint32 width\nbool do_rectify\n"
    ),
    TRANSFORMS: (
        "geometry_msgs/TransformStamped[] transforms\n" + f"{_RULE}\n"
        "MSG: geometry_msgs/TransformStamped\nstd_msgs/Header header\nstring child_frame_id\n"
        "geometry_msgs/Transform transform\n"
        + _HEADER
        + f"{_RULE}\nMSG: geometry_msgs/Transform\ngeometry_msgs/Vector3 translation\n"
        "geometry_msgs/Quaternion rotation\n" + _VECTOR + _QUATERNION
    ),
    NUMBER: "float64 data\n",
}
"""Message type -> its definition."""
