"""Carries out a run: features, model, figures, diagnosis."""
