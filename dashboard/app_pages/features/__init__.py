"""The Features page and its parts."""
