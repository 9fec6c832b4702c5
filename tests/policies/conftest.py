"""The suites beside these policies are run against their own folders (test_policies.py), not against the shipped one."""

collect_ignore_glob = ["*/*.suite.yaml"]
