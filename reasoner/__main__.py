"""`reasoner` and `python -m reasoner`."""

from __future__ import annotations

import os
import sys

from reasoner.decide import decide, exiting, plain_arguments


def main() -> None:
    """Run the command line; exit status 2: bad input or usage, 3: the rules are wrong."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    plain = plain_arguments(sys.argv[1:])
    if plain is not None:
        records, as_json = plain
        exiting(lambda: decide(records, as_json=as_json))
    else:
        from reasoner.cli import app

        exiting(app)


if __name__ == "__main__":
    main()
