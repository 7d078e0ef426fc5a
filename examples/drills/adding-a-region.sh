#!/usr/bin/env bash
#
# A table with data gets a replica in a third region while it is being written in the other two.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

table=adding-$(date +%s)
step "The table $table in us-east-1 and eu-west-1, with 200 items"
make_table "$table" us-east-1
for ((n = 0; n < 200; n++)); do put "$table" us-east-1 "before-$n" old; done
show globalctl replica add "$table" eu-west-1

step "Both write while ap-northeast-1 joins"
stop=$(mktemp)
trap 'rm -f "$stop"' EXIT
for region in us-east-1 eu-west-1; do
    (
        n=0
        while [[ -e $stop ]]; do
            put "$table" "$region" "$region-$n" new
            n=$((n + 1))
        done
        printf '%s wrote %s items meanwhile\n' "$region" "$n"
    ) &
done
show globalctl replica add "$table" ap-northeast-1
rm -f "$stop"
wait

step "The three agree"
agree() {
    [[ $(count "$table" us-east-1) == $(count "$table" ap-northeast-1) &&
        $(count "$table" eu-west-1) == $(count "$table" ap-northeast-1) ]]
}
wait_until 60 "all regions have as many items" agree
for region in "${region_names[@]}"; do printf '%s has %s items\n' "$region" "$(count "$table" "$region")"; done
drop_table "$table"
