# What `make demo` shows: a real script trained under runctl, and what is known of it afterwards.
set -eu
cd "$(dirname "$0")/digits"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

say '$ runctl local train.py -- --epochs 40'
runctl local train.py -- --epochs 40
say '$ runctl runs show'
runctl runs show
say '$ runctl checkpoint list'
runctl checkpoint list

cat <<'EOT'

What to look at next, here in this folder:
  .venv/bin/runctl runs logs --tail 5                 what the script printed, kept
  .venv/bin/runctl local examples/digits/train.py --detach -- --lr 0.01
  .venv/bin/runctl runs logs --follow                 watch it; Ctrl-C stops watching, not the run
  .venv/bin/runctl --help                             everything else
EOT
