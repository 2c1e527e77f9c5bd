"""Everything that is shown; whatever has to be computed is asked of `pipeline`."""
