"""Slices: mails that share a property, and those on which a model errs more than on the rest.

`properties` describes each mail, `table` counts the errors of a run by property.
"""
