"""The service of a workspace, and who may use it."""
