"""The page Rates: firing rates of all layers and of one, against bounds and against the ANN."""
