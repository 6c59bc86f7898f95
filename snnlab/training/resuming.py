"""What of a trainer is kept so that it can go on exactly: nets, optimiser, history.

Both take a `snnlab.training.fitting.Trainer`, or one built on it.
"""

from dataclasses import asdict

from snnlab.compat import tensorflow
from snnlab.training import checkpoints


def keep(trainer) -> None:
    """Write where a trainer stands, if it has a folder."""
    if not trainer.folder:
        return
    arrays = {f"net/{k}": v for k, v in trainer.net.state().items()}
    arrays |= {f"average/{k}": v for k, v in trainer.averaged.items()}
    if trainer.best:
        arrays |= {f"best/{k}": v for k, v in trainer.best[1].items()}
    arrays |= {f"adam/{i}": v for i, v in enumerate(trainer.optimiser.get_weights())}
    about = {
        "recipe": asdict(trainer.recipe),
        "steps": trainer.done_steps,
        "spent": trainer.spent,
        "folded": trainer.folded,
        "best": trainer.best[0] if trainer.best else None,
        "history": trainer.history,
        "losses": trainer._losses,
    }
    checkpoints.write(trainer.folder, arrays, about)


def go_on(trainer) -> None:
    """Put a trainer where its folder says it stood, if it was on the same recipe."""
    found = checkpoints.read(trainer.folder, asdict(trainer.recipe)) if trainer.folder else None
    if found is None:
        return
    group, about = found
    trainer.net.restore(group("net/"))
    trainer.averaged = group("average/")
    trainer.folded, trainer.done_steps = about["folded"], about["steps"]
    trainer.spent, trainer.history = about["spent"], about["history"]
    trainer._losses = [tuple(pair) for pair in about.get("losses", ())]
    trainer.best = (about["best"], group("best/")) if about["best"] is not None else None
    adam = group("adam/")
    if adam:
        zeros = tensorflow().zeros_like
        variables = trainer.net.trainable(not trainer.folded)
        trainer.optimiser.apply_gradients([(zeros(v), v) for v in variables])
        trainer.net.restore(group("net/"))
        trainer.optimiser.set_weights([adam[str(i)] for i in range(len(adam))])
