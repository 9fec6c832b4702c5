"""`reasoner` and `python -m reasoner`."""

from __future__ import annotations

import gc
import os
import sys

from reasoner.cli.decide import decide, exiting, plain_arguments


def main() -> None:
    """Run the command line; exit status 2: bad input or usage, 3: the rules are wrong."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    plain = plain_arguments(sys.argv[1:])
    if plain is not None:
        records, as_json = plain
        gc.disable()  # a short process: nothing that it makes is worth collecting, or taking down at its end
        try:
            exiting(lambda: decide(records, as_json=as_json))
        except SystemExit as leaving:
            sys.stderr.flush()
            os._exit(leaving.code if isinstance(leaving.code, int) else 1)
    else:
        from reasoner.cli.serve import app

        exiting(app)


if __name__ == "__main__":
    main()
