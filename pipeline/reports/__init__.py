"""What is written about a run: the error report, the final test, the model card."""
