#!/bin/sh
# Runs every test: format, lint and types first, then the tests on all cores.
set -eu
bin=.venv/bin
$bin/ruff format --check .
$bin/ruff check .
$bin/mypy
exec $bin/pytest -n auto --dist worksteal -q "$@"
