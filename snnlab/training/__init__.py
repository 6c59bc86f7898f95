"""All that changes weights: from scratch, on own sections, or a trained net moved on.

In come a recipe, sections (`snnlab.data.drawn`) and perhaps a model, out comes a model
with its card (`snnlab.nets.model`). A run writes checkpoints, hears a cancel, and goes on
from where it was. Read `recipe` first, then `fitting`, the loop that all trainings share;
`regulariser` is the paper's percentile loss, `finetuning` the short way from a trained
net to other firing rates.
"""
