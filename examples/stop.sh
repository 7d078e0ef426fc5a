#!/usr/bin/env bash
#
# Stops the processes that quickstart.sh started here, and no others. The data stays under .data.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
source examples/processes.sh

names=()
for name in globald "${region_names[@]}"; do
    if is_running "$name"; then
        kill -TERM "$(cat "$run/$name.pid")"
        names+=("$name")
    fi
done

status=0
for name in "${names[@]}"; do
    # A region answers what is in flight before it ends, which may take it 20 s.
    for ((tries = 0; tries < 250; tries++)); do
        is_running "$name" || break
        sleep 0.1
    done
    if is_running "$name"; then
        printf '%s still runs (process %s)\n' "$name" "$(cat "$run/$name.pid")" >&2
        status=1
    else
        rm -f "$run/$name.pid"
        printf '%s stopped\n' "$name"
    fi
done
if ((${#names[@]} == 0)); then printf 'nothing runs here\n'; fi
exit "$status"
