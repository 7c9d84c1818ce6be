#!/bin/bash
# What the daemon and its tenants have of the host's: taken before and after, the two must be equal.

# traces : one line for each group, mount, namespace, file, process, zombie and descriptor. Numbers that name nothing
# are left out. Processes of kernel threads and of this shell are not the daemon's doing.
traces() {
  local daemon
  daemon=$(systemctl show --property=MainPID --value isolated.service)
  echo "daemon $daemon"
  find "$TENANTS_UNIT" -type d -printf 'group %p\n'
  awk '{ print "mount of the host", $3, $4, $5 }' /proc/self/mountinfo
  # A root for each set of mount points that a policy asked for is kept, 64 at most.
  awk '$5 !~ "^/run/isolated/root/root\\." { print "mount of the daemon", $4, $5 }' "/proc/$daemon/mountinfo"
  # Pairs of user and network namespaces are kept in stock, by descriptors.
  lsns --noheadings --output TYPE --type mnt --type pid --type uts --type ipc --type cgroup --type time 2>/dev/null |
    sed 's/^/namespace /'
  find /run/isolated /var/lib/isolated /var/log/isolated ! -name '*.new' -printf 'file %y %p\n' 2>/dev/null || true
  ps -e -o stat=,ppid=,comm= | awk -v daemon="$daemon" '$1 ~ /^Z/ && $2 == daemon { print "zombie", $3 }'
  { find /sys/fs/cgroup/isolated.slice -name cgroup.procs -exec cat {} + 2>/dev/null || true; } | while read -r pid; do
    echo "process $(cat "/proc/$pid/comm" 2>/dev/null || true)"
  done
  # Of the namespaces in stock there are between four and eight pairs.
  find "/proc/$daemon/fd" -type l -printf 'descriptor %l\n' 2>/dev/null | sed 's/:\[[0-9]*\]$//; s/ (deleted)$//' |
    grep --invert-match '^descriptor \(user\|net\)$'
}

# no_new_traces FILE : nothing is there that isn't in FILE, nor is anything missing
no_new_traces() { diff "$1" <(traces | LC_ALL=C sort); }

# take_traces FILE : records them once they have come to rest
take_traces() {
  local previous=
  for _ in {1..20}; do
    traces | LC_ALL=C sort >"$1"
    [[ $(<"$1") == "$previous" ]] && return 0
    previous=$(<"$1")
    sleep 0.3
  done
  fails 'the daemon comes to rest' 'what it holds changes all the time'
}
