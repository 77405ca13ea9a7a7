"""`python -m alloclint`."""

from __future__ import annotations

import sys

from alloclint.cli import main

if __name__ == "__main__":
    # Worker processes may import this module.
    sys.exit(main())
