#!/usr/bin/env bash
# Sets the machine up, builds everything and runs the tests; those labelled slow only if asked for.
#   scripts/test.sh [CTEST ARGUMENTS]    e.g. scripts/test.sh -L unit, scripts/test.sh -R Geglu
source "$(dirname "$0")/common.sh"

[ $# -gt 0 ] || set -- --label-exclude slow
build all
stage "testing"
# Tests run side by side: threads that wait must not spin on the cores of those that work.
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"
ctest --test-dir build/release --output-on-failure --parallel "$(nproc)" "$@"
