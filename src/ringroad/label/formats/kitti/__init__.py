"""KITTI object labels."""
