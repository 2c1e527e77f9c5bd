"""Everything that computes: from a file of labelled mail to a judged, portable spam classifier.

Nothing in here knows Streamlit; `dashboard` and `pipeline.cli` are two ways of driving it.
"""
