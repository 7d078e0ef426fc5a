# The processes of a quickstart: what quickstart.sh and stop.sh both know. Sourced, with $root set.

run=$root/.data/run
region_names=(us-east-1 eu-west-1 ap-northeast-1)

say() { printf '%s\n' "$*"; }
die() {
    printf '%s: %s\n' "$(basename "$0" .sh)" "$*" >&2
    exit 1
}

# The port at which one of the processes says that it is healthy.
port_of() {
    case $1 in
        us-east-1) printf 8001 ;;
        eu-west-1) printf 8002 ;;
        ap-northeast-1) printf 8003 ;;
        globald) printf 9100 ;;
        *) die "there is no '$1' here: ${region_names[*]} globald" ;;
    esac
}

# Whether the process in NAME's pid file is ours: a number may since have become another process's.
is_running() {
    local name=$1 program=regiond config=regions/$1.yaml pid
    if [[ $name == globald ]]; then program=globald config=regions/global.yaml; fi
    pid=$(cat "$run/$name.pid" 2>/dev/null) || return 1
    [[ $pid =~ ^[0-9]+$ ]] || return 1
    [[ $(cat "/proc/$pid/comm" 2>/dev/null) == "$program" ]] || return 1
    tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | grep -qxF "$root/$config"
}

is_listening() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# Whether what listens at a port says that it is healthy.
is_healthy() {
    (
        exec 3<>"/dev/tcp/127.0.0.1/$1" &&
            printf 'GET / HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n' "$1" >&3 &&
            timeout 2 cat <&3 | grep -q '^healthy'
    ) 2>/dev/null
}

# start NAME BIN: unless it runs already. BIN is the folder of the programs.
start() {
    local name=$1 bin=$2 port program=regiond config=$root/regions/$1.yaml
    port=$(port_of "$name")
    if [[ $name == globald ]]; then program=globald config=$root/regions/global.yaml; fi
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
