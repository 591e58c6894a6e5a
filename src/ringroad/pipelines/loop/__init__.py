"""All of it in order: the loop of a workspace, the demo, and the report."""
