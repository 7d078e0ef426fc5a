# What the runbooks share. Sourced; they run against the regions that quickstart.sh started.

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD
source examples/processes.sh

for name in "${region_names[@]}" globald; do
    is_running "$name" || die "$name does not run: examples/quickstart.sh starts it"
done
bin=$(cat "$run/bin" 2>/dev/null) || die "run examples/quickstart.sh first"
command -v curl >/dev/null || die "curl is missing"
export MERIDIAN_CONFIG=$root/regions/global.yaml

step() { printf '\n== %s\n' "$*"; }

# Shows a command, and runs it.
show() {
    printf '    %s\n' "$*" >&2
    "$@"
}

globalctl() { "$bin/globalctl" "$@"; }

# An API call, unsigned as far as Meridian cares: api REGION OPERATION JSON.
api() {
    curl --silent --show-error --fail-with-body "http://127.0.0.1:$(port_of "$1")/" \
        -H 'Content-Type: application/x-amz-json-1.0' -H "X-Amz-Target: DynamoDB_20120810.$2" \
        -H 'X-Amz-Date: 20200101T000000Z' \
        -H "Authorization: AWS4-HMAC-SHA256 Credential=local/20200101/$1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=$(printf '0%.0s' {1..64})" \
        -d "$3"
}

# Waits until a command succeeds: wait_until SECONDS WHAT COMMAND…
wait_until() {
    local seconds=$1 what=$2 tries
    shift 2
    for ((tries = 0; tries < seconds * 5; tries++)); do
        if "$@" >/dev/null 2>&1; then return; fi
        sleep 0.2
    done
    die "gave up after $seconds s: $what"
}

is_active() { # TABLE REGION
    api "$2" DescribeTable "{\"TableName\":\"$1\"}" | grep -q '"TableStatus":"ACTIVE"'
}

make_table() { # TABLE REGION
    api "$2" CreateTable "{\"TableName\":\"$1\",\"BillingMode\":\"PAY_PER_REQUEST\",
        \"AttributeDefinitions\":[{\"AttributeName\":\"id\",\"AttributeType\":\"S\"}],
        \"KeySchema\":[{\"AttributeName\":\"id\",\"KeyType\":\"HASH\"}]}" >/dev/null
    wait_until 30 "$1 is ACTIVE in $2" is_active "$1" "$2"
}

put() { # TABLE REGION ID TEXT
    api "$2" PutItem "{\"TableName\":\"$1\",\"Item\":{\"id\":{\"S\":\"$3\"},\"text\":{\"S\":\"$4\"}}}" >/dev/null
}

has() { # TABLE REGION ID TEXT
    api "$2" GetItem "{\"TableName\":\"$1\",\"ConsistentRead\":true,\"Key\":{\"id\":{\"S\":\"$3\"}}}" |
        grep -q "\"text\":{\"S\":\"$4\"}"
}

count() { # TABLE REGION
    api "$2" Scan "{\"TableName\":\"$1\",\"Select\":\"COUNT\",\"ConsistentRead\":true}" |
        sed 's/.*"Count":\([0-9]*\).*/\1/'
}

drop_table() { # TABLE
    local region
    for region in "${region_names[@]:1}"; do
        globalctl replica remove "$1" "$region" >/dev/null 2>&1 || true
    done
    api "${region_names[0]}" DeleteTable "{\"TableName\":\"$1\"}" >/dev/null
}
