#!/usr/bin/env bash
#
# Three writable regions on this machine: builds Meridian, starts it, and walks through it.
#
#     examples/quickstart.sh     start and walk; again while it runs: walk again
#     examples/stop.sh           stop what this script started
#
# Items live under .data/REGION, logs and process ids under .data/run.
#
#     MERIDIAN_SCRATCH   where to build (default .build)
#     MERIDIAN_BIN       a folder with regiond, globald and globalctl: nothing is built
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
source examples/processes.sh
source scripts/lib/needs

scratch=${MERIDIAN_SCRATCH:-.build}
bin=${MERIDIAN_BIN:-$scratch/release}
api_ports=(8001 8002 8003)

say() { printf '%s\n' "$*"; }
step() { printf '\n== %s\n' "$*"; }
die() {
    printf 'quickstart: %s\n' "$*" >&2
    exit 1
}

check_swift() {
    need_swift || die "Swift is not installed"
    local version major minor
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' | head -1)
    IFS=. read -r major minor _ <<<"$version"
    ((${major:-0} > 6 || (${major:-0} == 6 && ${minor:-0} >= 3))) ||
        die "Swift 6.3 or later is needed, this is ${version:-unknown}: https://www.swift.org/install/linux/"
}

build() {
    local product
    for product in regiond globald globalctl; do
        say "building $product"
        swift build -c release --scratch-path "$scratch" --product "$product"
    done
}

# A Python with boto3: the one here, or else one of our own under .venv.
find_python() {
    python=python3
    if command -v python3 >/dev/null && python3 -c 'import boto3' 2>/dev/null; then return; fi
    say "looking for a Python with boto3, or making one under .venv"
    python=$(python_with_packages Tests/Conformance/requirements.txt) ||
        die "boto3 is missing: pip install boto3"
}

# start NAME PROGRAM CONFIG PORT: unless it runs already.
start() {
    local name=$1 program=$2 config=$root/$3 port=$4
    if is_running "$name"; then
        say "$name runs already (process $(cat "$run/$name.pid"))"
        return
    fi
    if is_listening "$port"; then
        die "port $port is taken by a process that this script did not start"
    fi
    setsid "$bin/$program" --config "$config" </dev/null >>"$run/$name.log" 2>&1 &
    printf '%s\n' "$!" >"$run/$name.pid"
    local tries
    for ((tries = 0; tries < 300; tries++)); do
        if is_healthy "$port"; then
            say "$name runs (process $(cat "$run/$name.pid"), port $port)"
            return
        fi
        if ! is_running "$name" && ((tries > 5)); then break; fi
        sleep 0.1
    done
    tail -n 5 "$run/$name.log" >&2
    die "$name does not start; its log is .data/run/$name.log"
}

mkdir -p "$run"
find_python
if [[ -z ${MERIDIAN_BIN:-} ]]; then
    step "Building (the first time takes some minutes)"
    check_swift
    need_system_packages || die "system packages are missing"
    build
fi
[[ $bin == /* ]] || bin=$root/$bin
for program in regiond globald globalctl; do
    [[ -x $bin/$program ]] || die "$bin/$program is missing"
done

step "Starting three regions and the replication daemon"
for index in 0 1 2; do
    start "${region_names[index]}" regiond "regions/${region_names[index]}.yaml" \
        "${api_ports[index]}"
done
start globald globald regions/global.yaml 9100

MERIDIAN_GLOBALCTL=$bin/globalctl MERIDIAN_CONFIG=$root/regions/global.yaml \
    "$python" examples/quickstart.py

step "It goes on running. What to try next"
shown=${bin#"$root"/}
cat <<END
    $shown/globalctl status                     regions, links and their lag
    $shown/globalctl item quickstart id=ada     one item in all regions, side by side
    $shown/globalctl conflicts list quickstart  what lost, and to what
    $python examples/two_regions.py
    AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local aws dynamodb scan \\
        --region eu-west-1 --endpoint-url http://127.0.0.1:8002 --table-name quickstart
    kill -9 a process from .data/run/*.pid, write elsewhere, and run this script again

Stop it with:  examples/stop.sh
Forget its data, once stopped, with:  rm -r .data
END
