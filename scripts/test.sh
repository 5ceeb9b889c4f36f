#!/bin/sh
# Runs every test: format and lint first, then the tests on all cores, and beside them the check of types.
set -eu
bin=.venv/bin types=build/types.txt
$bin/ruff format --check .
$bin/ruff check .
mkdir -p build && rm -rf build/failed
$bin/mypy >$types 2>&1 &
checking=$! failed=0
trap 'kill $checking 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM
$bin/pytest -n auto --dist worksteal -q "$@" || failed=$?
wait $checking || { cat $types; failed=1; }
exit $failed
