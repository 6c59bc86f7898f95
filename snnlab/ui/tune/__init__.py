"""The page Tune (`pages/finetune.py`): a trained net moved on to other firing rates, live."""
