"""Labelling, from the guideline to the files of other tools."""
