"""What identifies the rules that a batch is judged by."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

from reasoner.policy.folder import RuleFolder


def content_key(policy: RuleFolder) -> str:
    """A digest of the rules, catalogue and vocabularies of a policy, and of the versions of what reads them."""
    folders = (folder for folder in policy.folders if isinstance(folder, Path))
    files = [*policy.files, *(file for folder in folders for file in sorted(folder.glob("*.lp")))]
    digest = hashlib.sha256()
    for part in (version("reasoner"), version("clingo"), *(file.name for file in files)):
        digest.update(part.encode() + b"\0")
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return f"{policy.id} {digest.hexdigest()}"
