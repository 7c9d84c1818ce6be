#!/bin/bash
# Checks the guest itself, before anything else is believed that was measured in it.
# lab-disks: slow:iops=800,size=2G flash:model=ssd,size=1G,seed=7
# lab-alone
set -euo pipefail

failures=0
check() {
  local what=$1
  shift
  if "$@"; then
    echo "ok    $what"
  else
    echo "WRONG $what"
    failures=$((failures + 1))
  fi
}

# reads PATH DEPTH SECONDS: requests served in a second, and the 99th percentile in ms, of 4 KiB random reads.
reads() {
  fio --name=reads --filename="$1" --direct=1 --ioengine=libaio --rw=randread --bs=4k --iodepth="$2" \
    --time_based --runtime="$3" --ramp_time=1 --output-format=json |
    jq -r '.jobs[0].read | "\(.iops | round) \((.clat_ns.percentile["99.000000"] // 0) / 1e6)"'
}

between() {
  [ "$1" -ge "$2" ] && [ "$1" -le "$3" ]
}

has() {
  command -v "$1" >/dev/null
}

no_failed_units() {
  [ -z "$(systemctl --failed --no-legend)" ]
}

echo "kernel $(uname -r), $(systemctl --version | head -n 1), $(nproc) processors, \
$(awk '/MemTotal/ {print int($2 / 1024)}' /proc/meminfo) MiB"

groups=$(findmnt -n -o TARGET,FSTYPE -t cgroup,cgroup2 | tr -s ' ')
check 'only cgroup2 is mounted' [ "$groups" = '/sys/fs/cgroup cgroup2' ]
for controller in cpuset cpu io memory hugetlb pids rdma misc; do
  check "controller $controller" grep -qw "$controller" /sys/fs/cgroup/cgroup.controllers
done
for resource in cpu io memory; do
  check "pressure of $resource" grep -q '^some' "/proc/pressure/$resource"
done
check 'io.cost.qos and io.cost.model' [ -e /sys/fs/cgroup/io.cost.qos -a -e /sys/fs/cgroup/io.cost.model ]
check 'BTF of the kernel' [ -s /sys/kernel/btf/vmlinux ]
check 'no failed unit' no_failed_units
check 'no way out' [ -z "$(ip -o route)" ]
check 'the clock is right' [ "$(date +%s)" -gt 1700000000 ]
for program in fio stress-ng nginx redis-server curl ab python3 promtool podman crun bwrap strace jq tmux varlinkctl; do
  check "program $program" has "$program"
done
check 'program pgbench' has /usr/lib/postgresql/*/bin/pgbench

slow=/dev/disk/by-id/slow
flash=/dev/disk/by-id/flash
check 'the throttled disk is there' [ -b "$slow" ]
check 'its size' [ "$(blockdev --getsize64 "$slow")" = $((2 << 30)) ]
check 'it is virgin' cmp -n 1048576 -s "$slow" /dev/zero
check 'the model disk is there' [ -b "$flash" ]

# Ten seconds after the ramp: the bucket's 100 ms for nothing are over by then.
read -r iops p99 < <(reads "$slow" 16 10)
echo "throttled disk, told 800: $iops IOPS, p99 $p99 ms at depth 16"
check 'it obeys' between "$iops" 720 880
lab-disk slow iops=200
read -r iops p99 < <(reads "$slow" 16 10)
echo "throttled disk, told 200: $iops IOPS, p99 $p99 ms at depth 16"
check 'lab-disk changes it' between "$iops" 180 220
check 'lab-disk says what it is' grep -q iops-total=200 <(lab-disk slow)
check 'lab-disk refuses an unknown disk' eval '! lab-disk nosuch iops=1 2>/dev/null'
check 'lab-disk refuses an unknown key' eval '! lab-disk slow speed=1 2>/dev/null'
check 'lab-disk refuses nonsense' eval '! lab-disk slow iops=fast 2>/dev/null'

# By its model, 4 channels at 1.68 ms: 2,380 requests a second. The host's own load can only make it slower.
read -r iops p99 < <(reads "$flash" 16 5)
echo "model disk: $iops IOPS, p99 $p99 ms at depth 16"
check 'the model disk serves no more than its model' between "$iops" 1 2700
lab-disk flash factor=3
read -r iops p99 < <(reads "$flash" 16 5)
echo "model disk, factor 3: $iops IOPS, p99 $p99 ms at depth 16"
check 'lab-disk changes it' between "$iops" 1 900
account=$(lab-disk flash | tr ' ' '\n' | grep -E '^(served|stalls|late-us)' | paste -sd' ')
echo "model disk: $account (late: median/p99/largest)"

[ "$failures" -eq 0 ]
