"""The store of runs; only this room imports MLflow."""
