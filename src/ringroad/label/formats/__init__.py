"""Annotation formats, a module per format and direction; `plugins.LABEL_FORMATS` lists them."""
