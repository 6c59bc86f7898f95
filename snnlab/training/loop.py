"""The loop that all trainings by gradient share: steps, averages, checks, checkpoints.

A training is a `Loop` with a net, and says itself what a batch is, what is lost on it, and how good
the net is. Two stages in one run; see `snnlab.training.fitting`, which is such a one.
"""

import time

import numpy as np

from snnlab.compat import tensorflow
from snnlab.errors import Cancelled, LabError
from snnlab.training import resuming


class Loop:
    """One training run.

    Whoever builds on it sets ``recipe``, ``folder`` and ``net`` (with ``state``, ``restore``,
    ``trainable`` and ``fold``), calls `_begin`, and has ``_batches()``, ``_loss(image, truth,
    batch_norm, measured)``, ``validate()``, ``told(entry)`` and ``model(state)``.
    """

    before_fold = 0.75  # share of the budget that is spent with batch normalisation
    scored: tuple[str, ...] = ()  # what each validation says, at least, beside its step

    def _begin(self, averages) -> None:
        """Stand at the start, or where the folder's checkpoint says."""
        self.done_steps, self.spent = 0, 0.0
        self.best: tuple[float, dict] | None = None
        self.history: list[dict] = []
        self.unkept = ""  # what is to be said while no checkpoint can be written
        self.losses: list[tuple[float, float]] = []  # since the last validation
        self._averages = averages
        self._prepare()
        resuming.go_on(self)

    def _prepare(self) -> None:
        tf = tensorflow()
        tf.random.set_seed(self.recipe.seed)
        self.optimiser = tf.keras.optimizers.legacy.Adam(self.recipe.rate, beta_2=0.99)
        self._compiled = tf.function(self._step, reduce_retracing=True)

    def _measured(self, image):
        """Activations to use in place of the curve's, if there are any."""
        return None

    def _step(self, image, truth, batch_norm, measured=None):
        tf = tensorflow()
        with tf.GradientTape() as tape:
            task, rates = self._loss(image, truth, batch_norm, measured)
            loss = task + rates
        variables = self.net.trainable(batch_norm)
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, variables), 1.0)
        self.optimiser.apply_gradients(zip(gradients, variables, strict=True))
        return task, rates

    # ---- the run --------------------------------------------------------

    def run(self, progress=None, cancel=None):
        """Train until the budget is spent.

        Parameters
        ----------
        progress : callable, optional
            ``progress(fraction, stage)``.
        cancel : callable, optional
            Returns True to stop; the step that is done is kept.

        Returns
        -------
        Model
            The best on the validation sections, 8 bits, without a card's scores; of whatever kind
            ``model`` makes.

        Raises
        ------
        Cancelled
        """
        progress = progress or (lambda fraction, stage: None)
        batches = self._batches()
        next_check, keeper = self._next_check(), resuming.Keeper(self)
        try:
            while self.fraction < 1:
                if cancel and cancel():
                    keeper.keep()
                    raise Cancelled
                begun = time.monotonic()
                if not self.folded and self.fraction >= self.before_fold:
                    self._fold()
                self.optimiser.learning_rate.assign(self._learning_rate())
                image, truth = batches.get()
                measured = self._measured(image)
                task, rates = self._compiled(image, truth, not self.folded, measured)
                self._took(task, rates)
                self._average()
                self.done_steps += 1
                self.spent += time.monotonic() - begun
                if self.fraction >= min(next_check, 1):
                    entry = self.validate() | self._mean_losses()
                    self.history.append(entry)
                    next_check = self._next_check()
                    keeper.keep()
                    progress(min(self.fraction, 1.0), self.told(entry) + self.unkept)
                keeper.stepped()
        finally:
            batches.close()
        if self.best is None:
            raise LabError("the training budget was too short to validate once; give more minutes.")
        return self.model(self.best[1])

    @property
    def fraction(self) -> float:
        """Share of the budget that is spent."""
        if self.recipe.steps:
            return self.done_steps / self.recipe.steps
        return self.spent / (60 * self.recipe.minutes)

    def _next_check(self) -> float:
        """The share of the budget to validate at next: of what is spent alone, as a run resumes."""
        every = self.recipe.validate_every
        # just short of a multiple, which a sum of floats may not reach
        return (int(self.fraction / every + 1e-6) + 1) * every - 1e-9

    def _took(self, task, rates) -> None:
        """Note the losses of a step.

        Raises
        ------
        LabError
            If they are no numbers any more, and the weights neither.
        """
        self.losses.append((float(task), float(rates)))
        if not np.isfinite(self.losses[-1]).all():
            raise LabError(
                f"the training has diverged: after step {self.done_steps} its loss is no number"
                " any more; start it again with other bounds or another seed."
            )

    def _mean_losses(self) -> dict[str, float]:
        """Of the steps since the last validation, which are then forgotten."""
        loss, rate_loss = (float(np.mean(part)) for part in zip(*self.losses, strict=True))
        self.losses = []
        return {"loss": loss, "rate_loss": rate_loss}

    def _learning_rate(self) -> float:
        warm = min(1.0, (self.done_steps + 1) / 100)
        return self.recipe.rate * warm * max(0.5 * (1 + np.cos(np.pi * self.fraction)), 0.01)

    def _average(self) -> None:
        decay = min(self.recipe.average, (1 + self.done_steps) / (10 + self.done_steps))
        self._averages.take(decay)

    @property
    def averaged(self) -> dict[str, np.ndarray]:
        """Running average of the net's variables, by name."""
        return self._averages.state()

    @averaged.setter
    def averaged(self, state: dict[str, np.ndarray]) -> None:
        self._averages.restore(state)

    def _fold(self) -> None:
        """Fold the averaged net and go on from it."""
        self.net.restore(self.averaged)
        self.net.fold()
        self.averaged = self.net.state()
        self.folded = True
        # the best so far was not 8-bit: it does not compete with what comes
        self.best = None
        self._prepare()
