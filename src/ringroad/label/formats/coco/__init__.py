"""COCO object detection and segmentation."""
