"""The command line, ``python -m snnlab COMMAND``: one module a command.

In come words of a command line, out goes one JSON object on stdout (or lines
for a person), progress on stderr, and an exit code. A command checks what was
typed, asks, and prints. Most ask `snnlab.lab`; ``bench``, ``evaluate``, ``train`` and
``volume`` go to the rooms below it. Read `cli` first: how commands are found and what
becomes of a mistake. Then `segment`, whose arguments for an image ``chips``, ``energy``
and ``sweep`` share.
"""
