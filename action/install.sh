#!/usr/bin/env bash
# Installs alloclint into an environment of its own, so that the Python of the job stays as it is.
#
# ALLOCLINT_VERSION  from the package index; empty: from GITHUB_ACTION_PATH
# ALLOCLINT_PYTHON   the Python to use, default python3
# RUNNER_TEMP        where the environment is made
set -euo pipefail

fail() {
    echo "::error title=alloclint::$1"
    exit 2
}

version=${ALLOCLINT_VERSION:-}
python=${ALLOCLINT_PYTHON:-python3}
home=$RUNNER_TEMP/alloclint

# Only a version may follow `alloclint==`: pip would take other text for an address or for an option.
[[ $version =~ ^([0-9]+(\.[0-9]+)*([.a-z][.a-z0-9]*)?)?$ ]] || fail "the input version is not a version, such as 1.2.0"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "Python 3.11 or later is needed: run actions/setup-python before, or name one in the input python"

"$python" -m venv "$home" || fail "$python cannot make an environment: it lacks the module venv or ensurepip"
bin=$home/bin
[[ -d $bin ]] || bin=$home/Scripts
"$bin/python" -m pip install --quiet --disable-pip-version-check \
    "${version:+alloclint==}${version:-$GITHUB_ACTION_PATH}" || fail "alloclint could not be installed; pip says why above"
"$bin/alloclint" version
