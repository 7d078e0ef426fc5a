#!/usr/bin/env bash
#
# A region is gone for good, its disk with it. Which writes are lost with it is counted, to the single
# write; the others go on, and the region comes back empty and is filled by them.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

step "ap-northeast-1 is killed, and started again after ${1:-5s}: nothing is lost"
show globalctl drill kill ap-northeast-1 --for "${1:-5s}"

step "ap-northeast-1 and its directory are lost for ${1:-5s}"
show globalctl drill lose ap-northeast-1 --for "${1:-5s}"
