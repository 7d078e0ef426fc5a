#!/usr/bin/env bash
#
# A region is taken down as planned, and comes back: nothing that it acknowledged is missing meanwhile.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

step "us-east-1 is evacuated for ${1:-5s}, and returns"
show globalctl drill evacuate us-east-1 --for "${1:-5s}"

table=failover-$(date +%s)
step "The same by hand, with the process down meanwhile"
make_table "$table" us-east-1
for region in eu-west-1 ap-northeast-1; do show globalctl replica add "$table" "$region" >/dev/null; done
for ((n = 0; n < 50; n++)); do put "$table" us-east-1 "order-$n" before; done
lift() {
    examples/region.sh start us-east-1 >/dev/null 2>&1 || true
    globalctl evacuate us-east-1 --abort >/dev/null 2>&1 || true
}
trap lift EXIT
show globalctl evacuate us-east-1
if put "$table" us-east-1 refused during 2>/dev/null; then die "us-east-1 took a write"; fi
show examples/region.sh stop us-east-1
for region in eu-west-1 ap-northeast-1; do
    has "$table" "$region" order-49 before || die "$region lacks what us-east-1 acknowledged"
done
put "$table" eu-west-1 meanwhile during
show examples/region.sh start us-east-1
show globalctl return us-east-1
trap - EXIT
has "$table" us-east-1 meanwhile during || die "us-east-1 lacks what was written meanwhile"
put "$table" us-east-1 afterwards after
show globalctl verify "$table"
drop_table "$table"
