#!/bin/bash
# In the lab's guest: runs CgroupKit's tests on real groups with every controller. The bundle stands in /lab/cgroupkit.
set -euo pipefail
bundle=/lab/cgroupkit
mount=/sys/fs/cgroup
all="cpu cpuset hugetlb io memory misc pids rdma"

for controller in $all; do
  echo "+$controller" >"$mount/cgroup.subtree_control" || {
    echo "the guest has no $controller controller" >&2
    exit 1
  }
done
root=$mount/cgroupkit-tests
mkdir "$root"
modprobe bfq || true # gives io.bfq.weight its file; the tests look whether it is there
for controller in $all; do echo "+$controller" >"$root/cgroup.subtree_control"; done

# One after another: a guest without KVM has no time for many busy loops at once. The parsers
# know no kernel, and are fuzzed elsewhere.
status=0
LD_LIBRARY_PATH=$bundle CGROUPKIT_TEST_ROOT=$root CGROUPKIT_TEST_LAB=1 SWIFT_BACKTRACE=enable=no \
  "$bundle/tests" --testing-library swift-testing --no-parallel --filter CgroupKitTests --skip ParserPropertyTests \
  "$@" || status=$?
left=$(find "$root" -mindepth 1 -type d)
if [[ -n $left ]]; then
  echo "groups are left behind: $left" >&2
  status=1
fi
rmdir "$root" || status=1
exit "$status"
