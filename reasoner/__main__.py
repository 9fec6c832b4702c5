"""`reasoner` and `python -m reasoner`."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from types import ModuleType
from typing import Any

from reasoner.cli.decide import decide, exiting, plain_arguments


def main() -> None:
    """Run the command line; exit status 2: bad input or usage, 3: the rules are wrong."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    plain = plain_arguments(sys.argv[1:])
    if plain is not None:
        records, as_json = plain
        gc.disable()  # a short process: nothing that it makes is worth collecting, or taking down at its end
        sys.modules.setdefault(_METADATA, _LookedForLater(_METADATA))
        try:
            exiting(lambda: decide(records, as_json=as_json))
        except SystemExit as leaving:
            sys.stderr.flush()
            os._exit(leaving.code if isinstance(leaving.code, int) else 1)
    else:
        from reasoner.cli.rules import app

        exiting(app)


_METADATA = "importlib.metadata"


class _LookedForLater(ModuleType):
    """Stands for importlib.metadata until something of it is used.

    pydantic imports it to look for plugins, even where these are disabled: a tenth of the time of a start.
    """

    def entry_points(self, **selection: Any) -> Any:
        return self.__getattr__("entry_points")(**selection)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # the import itself asks for some of these
            raise AttributeError(name)
        if sys.modules.get(_METADATA) is self:
            del sys.modules[_METADATA]
        return getattr(import_module(_METADATA), name)


if __name__ == "__main__":
    main()
