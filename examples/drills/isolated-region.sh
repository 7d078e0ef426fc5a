#!/usr/bin/env bash
#
# A region that loses sight of the others and goes on writing: what it costs, and that it heals.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

step "eu-west-1 is cut off for ${1:-10s}; all regions go on writing"
show globalctl drill isolate eu-west-1 --for "${1:-10s}"

step "The same one way: it hears the others, and they do not hear it"
show globalctl drill isolate eu-west-1 --way out --for "${1:-10s}"
