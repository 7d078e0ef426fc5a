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

scratch=${MERIDIAN_SCRATCH:-.build}
bin=${MERIDIAN_BIN:-$scratch/release}
api_ports=(8001 8002 8003)

say() { printf '%s\n' "$*"; }
step() { printf '\n== %s\n' "$*"; }
die() {
    printf 'quickstart: %s\n' "$*" >&2
    exit 1
}

# Installs Debian packages where that needs no password, and otherwise says what to install.
install_packages() {
    local sudo=()
    command -v apt-get >/dev/null || die "please install, under whatever name it has here: $*"
    if [[ $(id -u) != 0 ]]; then
        sudo -n true 2>/dev/null || die "please run first: sudo apt-get install $*"
        sudo=(sudo -n)
    fi
    say "installing $*"
    "${sudo[@]}" apt-get update -qq || say "(apt-get update failed; trying with the lists at hand)"
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null ||
        die "please install: $*"
}

has_header() {
    compgen -G "/usr/include/$1" >/dev/null || compgen -G "/usr/include/*/$1" >/dev/null ||
        compgen -G "/usr/local/include/$1" >/dev/null
}

check_system() {
    local missing=()
    has_header sqlite3.h || missing+=(libsqlite3-dev)
    has_header curl/curl.h || missing+=(libcurl4-openssl-dev)
    if ((${#missing[@]} > 0)); then install_packages "${missing[@]}"; fi

    local where="see https://www.swift.org/install/linux/"
    command -v swift >/dev/null || die "Swift 6.3 or later is needed: $where"
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' | head -1)
    local major=${version%%.*} minor=${version#*.}
    minor=${minor%%.*}
    ((${major:-0} > 6 || (${major:-0} == 6 && ${minor:-0} >= 3))) ||
        die "Swift 6.3 or later is needed, this is ${version:-unknown}: $where"
}

build() {
    local product
    for product in regiond globald globalctl; do
        say "building $product"
        swift build -c release --scratch-path "$scratch" --product "$product"
    done
}

# Finds a Python with boto3: the one here, or one of our own under .data/venv.
find_python() {
    command -v python3 >/dev/null || install_packages python3 python3-venv
    python=python3
    if python3 -c 'import boto3' 2>/dev/null; then return; fi
    python=$root/.data/venv/bin/python
    if "$python" -c 'import boto3' 2>/dev/null; then return; fi
    say "installing boto3 into .data/venv"
    if ! python3 -m venv .data/venv >/dev/null 2>&1; then
        install_packages python3-venv
        python3 -m venv .data/venv
    fi
    "$python" -m pip install --quiet boto3 || die "pip could not install boto3 into .data/venv"
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
    check_system
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
    ${python#"$root"/} examples/two_regions.py
    AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local aws dynamodb scan \\
        --region eu-west-1 --endpoint-url http://127.0.0.1:8002 --table-name quickstart
    kill -9 a process from .data/run/*.pid, write elsewhere, and run this script again

Stop it with:  examples/stop.sh
Forget its data, once stopped, with:  rm -r .data
END
