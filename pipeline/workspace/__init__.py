"""The workspace folder: where everything that took work lives, written so that nothing is ever half
there, and what is going on in it right now.
"""

from pipeline.workspace.folder import home, replacing, write_text

__all__ = ["home", "replacing", "write_text"]
