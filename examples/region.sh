#!/usr/bin/env bash
#
# Starts and stops one process of the quickstart: a region, or globald.
#
#     examples/region.sh start us-east-1
#     examples/region.sh stop us-east-1      as an administrator would (SIGTERM)
#     examples/region.sh kill us-east-1      as a power cut would (SIGKILL)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
source examples/processes.sh

[[ $# == 2 ]] || die "usage: examples/region.sh start|stop|kill NAME"
name=$2
port_of "$name" >/dev/null
case $1 in
    start)
        bin=$(cat "$run/bin" 2>/dev/null) || die "run examples/quickstart.sh first"
        start "$name" "$bin"
        ;;
    stop | kill)
        is_running "$name" || die "$name does not run"
        signal=TERM
        if [[ $1 == kill ]]; then signal=KILL; fi
        pid=$(cat "$run/$name.pid")
        kill -s "$signal" "$pid"
        # A region answers what is in flight before it ends.
        for ((tries = 0; tries < 250; tries++)); do
            is_running "$name" || break
            sleep 0.1
        done
        if is_running "$name"; then die "$name still runs (process $pid)"; fi
        say "$name ended"
        ;;
    *) die "'$1' is neither start, stop nor kill" ;;
esac
