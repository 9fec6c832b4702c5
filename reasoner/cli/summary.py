"""`reasoner summary`: what the verdicts of a population have in common."""

from __future__ import annotations

import json
from pathlib import Path

from facts.errors import printable
from facts.files import replace_whole, same_file
from reasoner.batch.errors import BatchError
from reasoner.batch.formats import needs
from reasoner.batch.population import summary_of
from reasoner.cli.decide import report


def summarize(verdicts: str, *, as_json: bool, svg: Path | None) -> int:
    """Print the counts of a file of verdicts, and draw them; the exit status."""
    try:
        if svg is not None:
            needs(svg, "matplotlib", "summary")
            if same_file(verdicts, svg):
                raise BatchError("the verdicts and --svg are two different files")
        counts = summary_of(verdicts)
        if svg is not None:
            from reasoner.render.population_svg import picture

            replace_whole(svg, picture(counts))
    except (BatchError, ValueError) as error:
        report(printable(str(error)))
        return 2
    except OSError as error:
        report(printable(f"{error.filename}: {error.strerror}"))
        return 2
    if as_json:
        print(json.dumps(counts.as_dict(), ensure_ascii=False, indent=2))
    else:
        from reasoner.render.population import page_width, tables

        print(tables(counts, page_width()))
    return 0
