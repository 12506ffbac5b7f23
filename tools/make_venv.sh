# Makes .venv with an up-to-date pip. Debian and Ubuntu keep venv in a package of its own: it is installed if missing.
set -eu

PYTHON="${PYTHON:-python3}"
if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 10))'; then
    echo "runctl needs Python 3.10 or later; $PYTHON is $("$PYTHON" -V 2>&1). Try: make PYTHON=python3.12 …" >&2
    exit 1
fi
if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
    package="python$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    if [ "$(id -u)" = 0 ]; then as_root=""; else as_root="sudo"; fi
    echo "installing $package, which this Python lacks" >&2
    $as_root apt-get update -qq && $as_root apt-get install -y -qq "$package"
fi
"$PYTHON" -m venv .venv
.venv/bin/pip install --quiet --upgrade pip
