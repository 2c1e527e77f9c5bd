"""The workspace folder: where everything that took work lives, written whole or not at all, and the
state of the jobs that run in it.
"""

from pipeline.workspace.folder import home, replacing, write_text

__all__ = ["home", "replacing", "write_text"]
