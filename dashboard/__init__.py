"""Everything that is shown; `pipeline` computes it."""
