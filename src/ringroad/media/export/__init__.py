"""One recording on its way out, as MCAP or for the Rerun viewer."""
