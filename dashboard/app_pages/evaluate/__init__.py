"""The Evaluate page and its parts."""
