# The processes of a quickstart: what quickstart.sh and stop.sh both know. Sourced, with $root set.

run=$root/.data/run
region_names=(us-east-1 eu-west-1 ap-northeast-1)

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
