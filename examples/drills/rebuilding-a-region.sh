#!/usr/bin/env bash
#
# A region is rebuilt by hand: its directory is put aside, and the process started on an empty one. It
# gets everything from the others, its own earlier writes included.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

table=rebuilding-$(date +%s)
step "The table $table in every region, with a write of each"
make_table "$table" us-east-1
for region in eu-west-1 ap-northeast-1; do show globalctl replica add "$table" "$region" >/dev/null; done
for region in "${region_names[@]}"; do put "$table" "$region" "$region" before; done
for region in "${region_names[@]}"; do
    for writer in "${region_names[@]}"; do
        wait_until 30 "$region has what $writer wrote" has "$table" "$region" "$writer" before
    done
done

step "eu-west-1 is stopped, and its directory put aside"
trap 'examples/region.sh start eu-west-1 >/dev/null 2>&1 || true' EXIT
show examples/region.sh stop eu-west-1
aside=.data/eu-west-1.aside-$(date +%s)
show mv .data/eu-west-1 "$aside"
put "$table" us-east-1 meanwhile during

step "It starts on an empty directory"
show examples/region.sh start eu-west-1
wait_until 120 "eu-west-1 serves the table" is_active "$table" eu-west-1
for writer in "${region_names[@]}"; do
    wait_until 60 "eu-west-1 has what $writer wrote" has "$table" eu-west-1 "$writer" before
done
wait_until 60 "eu-west-1 has what was written meanwhile" has "$table" eu-west-1 meanwhile during
put "$table" eu-west-1 afterwards after
for region in "${region_names[@]}"; do
    wait_until 60 "$region has what eu-west-1 writes now" has "$table" "$region" afterwards after
done
show globalctl status
show globalctl verify "$table"
drop_table "$table"
printf 'its old directory is %s: remove it once nobody needs it\n' "$aside"
