"""The page Tune: a trained net moved on to other firing rates, while the visitor watches."""
