"""A model as one file without pickle, and scoring with it, without TensorFlow and MLflow."""
