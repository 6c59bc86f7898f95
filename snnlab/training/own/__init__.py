"""Training from scratch on a visitor's own labelled sections."""

from snnlab.unet.own.order import Order, kinds, stages
from snnlab.unet.own.running import Heard, train
from snnlab.unet.own.timing import StageTime, estimate

__all__ = ["Heard", "Order", "StageTime", "estimate", "kinds", "stages", "train"]
