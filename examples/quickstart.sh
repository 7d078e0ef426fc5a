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

step() { printf '\n== %s\n' "$*"; }

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
# Where region.sh and the drills find the programs.
printf '%s\n' "$bin" >"$run/bin"
for name in "${region_names[@]}" globald; do start "$name" "$bin"; done

MERIDIAN_GLOBALCTL=$bin/globalctl MERIDIAN_CONFIG=$root/regions/global.yaml \
    "$python" examples/quickstart.py

step "It goes on running. What to try next"
shown=${bin#"$root"/}
cat <<END
    $shown/globalctl status                     regions, links and their lag
    $shown/globalctl item quickstart id=ada     one item in all regions, side by side
    $shown/globalctl conflicts list quickstart  what lost, and to what
    $python examples/two_regions.py
    examples/drills/isolated-region.sh         a region cut off for a while; more in examples/drills
    AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local aws dynamodb scan \\
        --region eu-west-1 --endpoint-url http://127.0.0.1:8002 --table-name quickstart
    kill -9 a process from .data/run/*.pid, write elsewhere, and run this script again

Stop it with:  examples/stop.sh
Forget its data, once stopped, with:  rm -r .data
END
