"""Small programs for those who work on Spamlab; none of them is needed to run it."""
