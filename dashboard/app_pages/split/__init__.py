"""The Split page and its parts."""
