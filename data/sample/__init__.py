"""The program that writes the synthetic sample corpus: see `data/make_sample.py`."""
