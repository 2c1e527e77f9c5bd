"""From a run that was asked for to a run that is done: features, model, figures, diagnosis."""
