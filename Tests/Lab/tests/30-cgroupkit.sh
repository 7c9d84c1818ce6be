#!/bin/bash
# CgroupKit's own tests on real groups with every controller. `make test` brings the bundle in; by hand:
#   Tests/CgroupKitLab/bundle DIR && Tests/Lab/suite --file DIR:/lab/cgroupkit Tests/Lab/tests/30-cgroupkit.sh
# lab-timeout: 600
set -euo pipefail
[[ -x /lab/cgroupkit/guest.sh ]] || { echo "the bundle is not in the guest: see this script's head" >&2; exit 1; }
exec /lab/cgroupkit/guest.sh
