"""Slices: the mails that share a property, and on which of them a model errs more than on the rest.

`properties` says of each mail what it is like, `table` counts the errors of a run by it.
"""
