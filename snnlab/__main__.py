"""``python -m snnlab``."""

import sys

from snnlab.commands.cli import main

sys.exit(main())
