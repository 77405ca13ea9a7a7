#!/usr/bin/env bash
# Runs alloclint on what a pull request changes, or on everything, and leaves the outputs of the step.
#
# Reads the ALLOCLINT_… variables that action.yml sets from the inputs of the same names, ALLOCLINT_EVENT_BASE, the
# commit that the event says will be merged into, and the GITHUB_… and RUNNER_… variables of every step.
set -euo pipefail

fail() {
    echo "::error title=alloclint::$1"
    echo "result=error" >>"$GITHUB_OUTPUT"
    exit 2
}

# A job in a container works in a folder that belongs to somebody else, which git refuses without this.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=$PWD

is_here() {
    git cat-file -e "$1^{commit}" 2>/dev/null
}

fetch() {
    git fetch --quiet --no-tags "$@" ||
        fail "cannot fetch $base to compare with; give actions/checkout \`fetch-depth: 0\`, which brings it along"
}

# The first parent of a commit with two, which is what actions/checkout leaves for a pull request. Read from the commit
# itself, for a shallow clone says that it has none.
merged_into() {
    git cat-file commit HEAD | awk '
        /^$/ { exit }
        $1 == "parent" { if (!count++) first = $2 }
        END { if (count == 2) print first }'
}

# Sets `revision` to what changed lines are compared with; empty: report everything.
find_revision() {
    revision=""
    base=${ALLOCLINT_BASE:-}
    [[ ${ALLOCLINT_ONLY_CHANGED:-true} == true ]] || return 0
    if [[ -n $base ]]; then
        [[ $base != -* ]] || fail "the input base is no revision: $base"
        since_it_left
    elif [[ $GITHUB_EVENT_NAME == pull_request || $GITHUB_EVENT_NAME == merge_group ]]; then
        of_event
    fi
}

of_event() {
    base=$(merged_into)
    if [[ -n $base && $(git rev-parse HEAD) == "$GITHUB_SHA" ]]; then
        is_here "$base" || fetch --depth=1 -- origin "$base"
        revision=$base
    else
        # Another commit was checked out, most likely the branch itself.
        base=${ALLOCLINT_EVENT_BASE:?}
        since_it_left
    fi
}

# Where the commit that is checked out left `base`, a revision here or one of the server. Only the history tells.
since_it_left() {
    local commit shallow=""
    if ! commit=$(git rev-parse --quiet --verify "$base^{commit}") || ! git merge-base "$commit" HEAD >/dev/null; then
        [[ $(git rev-parse --is-shallow-repository) == false ]] || shallow=yes
        fetch ${shallow:+--unshallow} -- origin "$base"
        commit=$(git rev-parse FETCH_HEAD)
    fi
    revision=$commit...
}

# Appends each line of a text that is not empty to `arguments`.
append() {
    local line
    while IFS= read -r line || [[ -n $line ]]; do
        line=${line%$'\r'}
        [[ -z $line ]] || arguments+=("$line")
    done <<<"$1"
}

sarif=${ALLOCLINT_SARIF:-}
# A second line would become an output of its own.
[[ $sarif != *[$'\r\n']* ]] || fail "the input sarif names more than one file"

arguments=(check)
append "${ALLOCLINT_ARGS:-}"
if [[ ${ALLOCLINT_ANNOTATIONS:-true} == true ]]; then
    arguments+=(--output-format=github)
else
    arguments+=(--output-format=full --color=always)
fi
if [[ -n $sarif ]]; then
    mkdir -p -- "$(dirname -- "$sarif")"
    arguments+=("--output-format=sarif:$sarif")
fi
find_revision
[[ -z $revision ]] || arguments+=("--new-from-rev=$revision")
# Behind this, a path that begins with a hyphen is a path.
arguments+=(--)
append "${ALLOCLINT_PATHS:-.}"

alloclint=$RUNNER_TEMP/alloclint/bin/alloclint
[[ -x $alloclint ]] || alloclint=$RUNNER_TEMP/alloclint/Scripts/alloclint

code=0
if [[ ${ALLOCLINT_ANNOTATIONS:-true} == true ]]; then
    "$alloclint" "${arguments[@]}" || code=$?
else
    # What is printed quotes sources, and no line of them shall be a command to the runner.
    token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    echo "::stop-commands::$token"
    "$alloclint" "${arguments[@]}" || code=$?
    echo "::$token::"
fi

case $code in
0) result=clean ;;
1) result=findings ;;
*) result=error ;;
esac
{
    echo "result=$result"
    [[ -z $sarif || ! -f $sarif ]] || echo "sarif=$sarif"
} >>"$GITHUB_OUTPUT"
exit "$code"
