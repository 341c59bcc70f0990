"""Tests of the log. The conformance suite is no test file by its name; pytest is told to explain its asserts too."""

import pytest

pytest.register_assert_rewrite("tests.logging_db.conformance", "tests.logging_db.conformance_memory")
