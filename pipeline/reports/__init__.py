"""Reports on a run: the errors it makes, its final test, its model card."""
