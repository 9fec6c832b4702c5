"""Rule folders that Hypothesis draws, as well as their records: each set of each denial is closed."""

from pathlib import Path
from random import Random

import pytest
from closure import checked_sets
from generated_folders import Folders, random_data
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reasoner import Policy, RulesError

RECORDS, SETS = 3, 3


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(folders=st.randoms(use_true_random=False), records=st.randoms(use_true_random=False))
def test_each_folder_that_loads_is_closed(
    tmp_path_factory: pytest.TempPathFactory, folders: Random, records: Random
) -> None:
    folder = tmp_path_factory.mktemp("generated") / "policy"
    assert _checked(folder, folders, records) >= 0


def test_most_folders_load_and_have_sets(tmp_path: Path) -> None:
    """The generator makes folders worth looking at."""
    found = [_checked(tmp_path / str(seed), Random(f"folder {seed}"), Random(seed)) for seed in range(18)]
    assert sum(sets > 0 for sets in found) > 9
    assert sum(sets for sets in found) > 36


def _checked(folder: Path, folders: Random, records: Random) -> int:
    """How many sets were applied; 0 for a folder that is refused, as one is whose exclusion nothing brings about."""
    generated = Folders(folders)
    generated.write(folder)
    try:
        policy = Policy.load(folder, cache=False)
    except RulesError:
        return 0
    return sum(checked_sets(policy, random_data(records, generated.stated_loss), SETS) for _ in range(RECORDS))
