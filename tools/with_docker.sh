# Runs a command with a Docker engine at hand: the one that is running, or one that is started for it and stopped after.
# usage: sh tools/with_docker.sh COMMAND…
set -u
PATH="$PATH:/usr/sbin:/sbin"

if docker info >/dev/null 2>&1 || [ "$(id -u)" != 0 ]; then
    exec "$@"
fi

folder=$(mktemp -d)
# no bridge of its own: nothing here uses the default network
dockerd --bridge none --pidfile "$folder/pid" >"$folder/log" 2>&1 </dev/null &
engine=$!
stop() {
    kill "$engine" 2>/dev/null
    wait "$engine" 2>/dev/null
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

tries=0
until docker info >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -gt 150 ] || ! kill -0 "$engine" 2>/dev/null; then
        echo "Docker's engine did not start:" >&2
        tail -n 5 "$folder/log" >&2
        exit 1
    fi
    sleep 0.2
done
"$@"
