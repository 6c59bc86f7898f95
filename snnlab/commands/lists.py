"""What can be named: models, methods, simulators, partitioners; what each is and what not."""

import sys

from snnlab import conversion, simulation
from snnlab.chips import partition
from snnlab.lab import detecting
from snnlab.lab import segmenting as lab


def register(commands, shared) -> None:
    """Add the commands."""
    for name, rows in (
        ("models", _models),
        ("methods", _methods),
        ("simulators", _simulators),
        ("partitioners", _partitioners),
    ):
        command = commands.add_parser(name, parents=[shared], help=f"list the {name}")
        command.set_defaults(
            run=lambda _, name=name, rows=rows: {
                name: [{"name": row[0], "summary": row[1], "not": row[2]} for row in rows()]
            },
            show=lambda answer: "\n".join(
                f"{row['name']}\n  {row['summary']}\n  Not: {row['not']}"
                for row in next(iter(answer.values()))
            ),
        )


def _models():
    found = [*lab.models_listed(), *detecting.listed()]
    for sentence in lab.refused().values():
        print(f"snnlab: {sentence}", file=sys.stderr)
    return found


def _methods():
    return [(item.name, item.summary, item.limits) for item in conversion.METHODS]


def _simulators():
    return [(item.name, item.summary, item.limits) for item in simulation.SIMULATORS]


def _partitioners():
    return [(item.name, item.summary, item.limits) for item in partition.PARTITIONERS]
