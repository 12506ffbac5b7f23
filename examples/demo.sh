# What `make demo` shows: a real script trained under runctl, and what is known of it afterwards.
set -eu
cd "$(dirname "$0")/digits"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

say '$ runctl params train.py'
runctl params train.py
say '$ runctl local train.py --hyperparams epochz=40'
runctl local train.py --hyperparams epochz=40 || true
say "$ runctl local train.py --hyperparams 'epochs=40,lr=0.002,hidden=[128,64]'"
runctl local train.py --hyperparams 'epochs=40,lr=0.002,hidden=[128,64]'
say '$ runctl runs show'
runctl runs show
say '$ runctl checkpoint list'
runctl checkpoint list
say '$ runctl runs plot --metric loss'
runctl runs plot --metric loss

cat <<'EOT'

What to look at next, here in this folder:
  .venv/bin/runctl local examples/digits/train.py --hyperparams lr=0.01
  .venv/bin/runctl runs compare                       the runs side by side: what was told them, what came of it
  .venv/bin/runctl runs plot -o loss.png              or .svg, or .html
  .venv/bin/runctl local examples/wine/train.py --detach --hyperparams optimizer.lr=0.1,steps=2000
  .venv/bin/runctl runs logs --follow                 watch it; Ctrl-C stops watching, not the run
  .venv/bin/runctl --help                             everything else
EOT
