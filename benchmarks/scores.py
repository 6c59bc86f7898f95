"""Scores of large pictures: python -m benchmarks.scores [--side 4096].

A table in Markdown: masks of several kinds, hard for one way of finding segments or another.
Of each, seconds to number its segments and thin its membranes (`metrics.thin`), memory beyond mask
and result, seconds of all scores over the official eleven thresholds (`metrics.score`), and
the longest that a cancel was ever left waiting meanwhile. Times are processor time and, in
brackets, by the clock, which others on the machine share.
"""

import argparse
import os
import time
import tracemalloc

import numpy as np
from scipy import ndimage

from snnlab.results import metrics


def masks(side: int, random: np.random.Generator) -> dict[str, np.ndarray]:
    """What a net may make of a picture, and what none would."""
    rows, columns = np.indices((side, side), sparse=True)
    specks = np.zeros((side, side), bool)
    specks[[0, 2, 5], [0, 7, 3]] = True
    noise = random.random((side, side), np.float32)
    coarse = random.random((side // 64 + 1, side // 64 + 1)) < 0.5
    return {
        "3 specks in a corner": specks,
        "specks, 1 in 1000": noise < 0.001,
        "noise, half": noise < 0.5,
        "blocks of 64": np.kron(coarse, np.ones((64, 64), bool))[:side, :side],
        "checkerboard": (rows + columns) % 2 == 0,
        "cells": membranes(side, random) > 0.25,
    }


def membranes(side: int, random: np.random.Generator) -> np.ndarray:
    """Smooth, about 1 on average and 0 along lines: between cells, so to say."""
    waves = ndimage.gaussian_filter(random.standard_normal((side, side), np.float32), 8)
    return np.abs(waves / waves.std())


class Watch:
    """Never cancels, and notes how long it was not asked, by either clock."""

    def __init__(self):
        self.longest, self.last = np.zeros(2), self._now()

    def __call__(self) -> bool:
        now = self._now()
        self.longest, self.last = np.maximum(self.longest, now - self.last), now
        return False

    @staticmethod
    def _now() -> np.ndarray:
        return np.array([time.process_time(), time.perf_counter()])


def timed(work) -> tuple[float, float]:
    """Processor time and time by the clock, seconds."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.process_time() - processor, time.perf_counter() - clock


def row(name: str, cells: np.ndarray, labels: np.ndarray) -> str:
    """One mask's."""
    # several masks as the threshold rises: all of them, ever fewer cells, none
    probability = cells * membranes(len(cells), np.random.default_rng(1)).clip(0, 1) * 0.9
    thinned = timed(lambda: metrics.thin(metrics.components(cells)))
    watch = Watch()
    scored = timed(lambda: metrics.score(probability, labels, cancel=watch))
    watch()
    tracemalloc.start()
    beyond = metrics.thin(metrics.components(cells)).nbytes
    beyond = tracemalloc.get_traced_memory()[1] - beyond
    tracemalloc.stop()
    return (
        f"| {name} | {thinned[0]:.2f} ({thinned[1]:.2f}) | {beyond / 1e6:.0f} |"
        f" {scored[0]:.1f} ({scored[1]:.1f}) |"
        f" {1000 * watch.longest[0]:.0f} ({1000 * watch.longest[1]:.0f}) |"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--side", type=int, default=4096)
    side = parser.parse_args().side
    random = np.random.default_rng(0)
    labels = membranes(side, random) > 0.25
    metrics.score(labels[:64, :64] * 1.0, labels[:64, :64])  # compiles, or fetches what is compiled
    metrics.thin(metrics.components(labels[:64, :64]))
    print(f"{side} x {side}, load average {os.getloadavg()[0]:.1f}\n")
    print("| mask | thinned, s | MB beyond | all scores, s | cancel heeded within, ms |")
    print("|---|---:|---:|---:|---:|")
    for name, cells in masks(side, random).items():
        print(row(name, cells, labels), flush=True)


if __name__ == "__main__":
    main()
