"""Long work in processes of our own; only this room imports distributed."""
