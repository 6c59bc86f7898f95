"""Training from scratch on a visitor's own labelled sections."""

from snnlab.training.own.order import Order, kinds, stages
from snnlab.training.own.running import Heard, train
from snnlab.training.own.timing import StageTime, estimate

__all__ = ["Heard", "Order", "StageTime", "estimate", "kinds", "stages", "train"]
