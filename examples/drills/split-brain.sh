#!/usr/bin/env bash
#
# Two regions lose sight of each other and write the same item. One version wins everywhere; the other
# is on record, and is put back by hand.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

table=split-brain-$(date +%s)
step "The table $table, in every region"
make_table "$table" us-east-1
for region in eu-west-1 ap-northeast-1; do show globalctl replica add "$table" "$region" >/dev/null; done
put "$table" us-east-1 meeting "Paris"
for region in "${region_names[@]}"; do
    wait_until 30 "$region has the item" has "$table" "$region" meeting Paris
done

step "us-east-1 and eu-west-1 part, and both write the item"
trap 'for pair in "us-east-1 eu-west-1" "eu-west-1 us-east-1"; do globalctl link resume $pair >/dev/null 2>&1 || true; done' EXIT
show globalctl link pause us-east-1 eu-west-1
show globalctl link pause eu-west-1 us-east-1
put "$table" us-east-1 meeting "Boston"
put "$table" eu-west-1 meeting "Lisbon"
show globalctl item "$table" id=meeting

step "They meet again: the later write wins in all regions"
show globalctl link resume us-east-1 eu-west-1
show globalctl link resume eu-west-1 us-east-1
for region in "${region_names[@]}"; do
    wait_until 60 "$region has what eu-west-1 wrote" has "$table" "$region" meeting Lisbon
done
show globalctl item "$table" id=meeting

step "What lost is on record"
conflict_of() {
    globalctl conflicts list --table "$table" --region us-east-1 --output json |
        grep -o '"id":"[0-9a-f]*"' | head -n 1 | cut -d'"' -f4
}
is_on_record() { [[ -n $(conflict_of) ]]; }
wait_until 30 "us-east-1 has the conflict on record" is_on_record
id=$(conflict_of)
show globalctl conflicts list --table "$table"
show globalctl conflicts show "$id" --region us-east-1

step "The operator decides for Boston"
show globalctl conflicts restore "$id" --region us-east-1
for region in "${region_names[@]}"; do
    wait_until 30 "$region has what was put back" has "$table" "$region" meeting Boston
done
show globalctl item "$table" id=meeting
drop_table "$table"
