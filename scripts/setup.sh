#!/bin/sh
# Makes both locked environments: .venv (clinic service, Python 3.11-3.13) and .venv-assistant (Rasa, Python 3.10).
# Finds interpreters that really run; where there is none, uv fetches one. Does nothing when nothing has changed.
set -eu
cd "$(dirname "$0")/.."
UV_VERSION=0.13.9
TOOLS=.tools

say() { printf '%s\n' "$*" >&2; }

# Prints the first of the given commands that runs and is one of the wanted versions ("3.10" or "3.11 3.12").
first_that_runs() {
    wanted=$1
    shift
    for candidate in "$@"; do
        found=$("$candidate" -c 'import ssl, venv, sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
        for version in $wanted; do
            [ "$found" = "$version" ] && { printf '%s' "$candidate"; return 0; }
        done
    done
    return 1
}

# A pyenv shim answers for every version and runs none: the versions folder holds the interpreters themselves.
candidates() {
    for version in "$@"; do
        printf '%s\n' "python$version"
        for folder in "${PYENV_ROOT:-$HOME/.pyenv}/versions" /opt/python /usr/local/python; do
            [ -d "$folder" ] && ls -d "$folder/$version"*/bin/python 2>/dev/null || true
        done
        printf '%s\n' "/usr/bin/python$version" "/usr/local/bin/python$version" "/opt/homebrew/bin/python$version"
    done
    printf '%s\n' python3 python
}

uv_ready() { [ -x "$TOOLS/bin/uv" ] && [ "$("$TOOLS/bin/uv" --version 2>/dev/null | cut -d' ' -f2)" = "$UV_VERSION" ]; }

install_uv() {
    uv_ready && return
    base=$(first_that_runs "3.8 3.9 3.10 3.11 3.12 3.13 3.14" $(candidates 3.13 3.12 3.11 3.10 3.9)) || {
        say "No Python was found that runs (with ssl and venv). Install one, for example: apt-get install python3-venv"
        exit 1
    }
    say "* installing uv $UV_VERSION into $TOOLS"
    "$base" -m venv "$TOOLS"
    "$TOOLS/bin/pip" install --quiet --disable-pip-version-check "uv==$UV_VERSION"
}

# environment <folder> <project folder> <wanted versions>
environment() {
    folder=$1 project=$2 wanted=$3
    stamp="$folder/.locked-as"
    lock=$(cat "$project/uv.lock" "$project/pyproject.toml" scripts/setup.sh | cksum)
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$lock" ] && "$folder/bin/python" -c "" 2>/dev/null && return
    install_uv
    interpreter=$(first_that_runs "$wanted" $(candidates $wanted)) || {
        version=$(printf '%s' "$wanted" | cut -d' ' -f1)
        say "* no Python $version here: fetching one"
        "$TOOLS/bin/uv" python install --quiet "$version" || {
            say "Python $version is needed and could not be fetched. Install it (apt, brew or pyenv) and try again."
            exit 1
        }
        interpreter=$("$TOOLS/bin/uv" python find "$version")
    }
    say "* installing $folder with $interpreter (a minute or two the first time)"
    UV_PROJECT_ENVIRONMENT="$PWD/$folder" UV_PYTHON_DOWNLOADS=never \
        "$TOOLS/bin/uv" sync --quiet --frozen --project "$project" --python "$interpreter"
    printf '%s' "$lock" > "$stamp"
}

environment .venv . "3.12 3.11 3.13"
environment .venv-assistant assistant "3.10"

# Rasa reports errors to its maker's server even with telemetry off; an error may repeat a patient's words. Without a
# key it reports nothing. Removed first, because the file is shared with uv's cache.
keys=$(ls -d .venv-assistant/lib/python3.10/site-packages/rasa/keys)
if [ "$(cat "$keys")" != "{}" ]; then
    rm "$keys"
    printf '{}' > "$keys"
fi
