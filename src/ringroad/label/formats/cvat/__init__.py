"""CVAT: XML for images and for video, and its API."""
