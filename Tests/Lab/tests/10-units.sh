#!/bin/bash
# What the units promise, tried on tenants that are plain processes in groups of their own: nothing that happens to the
# daemon, to systemd or to a neighbour touches them, and stopping isolated-tenants.service ends them all.
# lab-timeout: 600
set -euo pipefail

slice=/sys/fs/cgroup/isolated.slice
unit=$slice/isolated-tenants.service

fail() {
  echo "10-units: $*" >&2
  exit 1
}

# start_tenant NAME COMMAND... : starts a process in $unit/NAME that is no child of this shell; its pid is in $pid
start_tenant() {
  local group=$unit/$1 file
  shift
  mkdir -p "$group"
  file=$(mktemp)
  # shellcheck disable=SC2016  # the inner shell's own variables
  setsid --fork bash -c 'echo 0 >/proc/self/oom_score_adj && echo $$ >"$0/cgroup.procs" && echo $$ >"$1" &&
    shift && exec "$@"' "$group" "$file" "$@" \
    </dev/null >/dev/null 2>&1
  for _ in {1..100}; do
    [[ -s $file ]] && break
    sleep 0.1
  done
  pid=$(<"$file")
  rm -f "$file"
  [[ -n $pid ]] || fail "no process came up in $group"
}

alive() {
  [[ -d /proc/$1 ]] && ! grep -q '^State:.*Z' "/proc/$1/status" 2>/dev/null
}

# wait_until TEXT COMMAND... : fails with TEXT when the command isn't true within a minute
wait_until() {
  local text=$1 deadline=$((SECONDS + 60))
  shift
  while ((SECONDS < deadline)); do
    if "$@"; then return 0; fi
    sleep 0.2
  done
  fail "$text"
}

main_pid() {
  systemctl show --property=MainPID --value "$1"
}

still_there() {
  alive "$first" || fail "$1: the tenant 'first' is gone"
  alive "$second" || fail "$1: the tenant 'second' is gone"
  [[ $(<"$unit/first/memory.max") == 67108864 ]] || fail "$1: memory.max of 'first' is $(<"$unit/first/memory.max")"
  [[ $(<"$unit/first/pids.max") == 20 ]] || fail "$1: pids.max of 'first' is $(<"$unit/first/pids.max")"
}

new_daemon() {
  local now
  now=$(main_pid isolated.service)
  [[ $now != 0 && $now != "$daemon" ]] && systemctl --quiet is-active isolated.service
}

for each in isolated.service isolated-tenants.service; do
  systemctl --quiet is-active "$each" || fail "$each is not active"
done
verified=$(systemd-analyze verify --man=no isolated.service isolated-tenants.service isolated.slice 2>&1) ||
  fail "systemd-analyze verify: $verified"
[[ -z $verified ]] || fail "systemd-analyze verify: $verified"
journalctl --unit=init.scope --boot --grep='isolated.*(Unknown|ignor)' --quiet && fail "systemd ignores a key"

echo "no process in the unit's own group, so controllers can be enabled below it"
[[ -z $(<"$unit/cgroup.procs") ]] || fail "processes in $unit itself: $(<"$unit/cgroup.procs")"
for controller in cpu cpuset io memory pids; do
  echo "+$controller" >"$unit/cgroup.subtree_control" || fail "$controller can't be enabled in $unit"
done

start_tenant first sleep infinity
first=$pid
start_tenant second sleep infinity
second=$pid
echo 67108864 >"$unit/first/memory.max"
echo 20 >"$unit/first/pids.max"
still_there "at the start"

echo "systemd reloads, and executes itself again"
systemctl daemon-reload
still_there "daemon-reload"
systemctl daemon-reexec
wait_until "systemd didn't come back" systemctl --quiet is-active isolated-tenants.service
still_there "daemon-reexec"

echo "the daemon restarts, is killed, stops and starts"
daemon=$(main_pid isolated.service)
systemctl restart isolated.service
new_daemon || fail "restart: no new daemon"
still_there "restart of isolated.service"
daemon=$(main_pid isolated.service)
kill -KILL "$daemon"
wait_until "kill -9: no new daemon came" new_daemon
still_there "kill -9 of the daemon"
systemctl stop isolated.service
still_there "stop of isolated.service"
systemctl --quiet is-active isolated-tenants.service || fail "stop of isolated.service took isolated-tenants.service along"
systemctl start isolated.service
still_there "start of isolated.service"

echo "what a tenant must not inherit unseen"
daemon=$(main_pid isolated.service)
grep -q '^Seccomp:[[:space:]]*0' "/proc/$daemon/status" || fail "the unit put a seccomp filter on the daemon"
grep -q '^NoNewPrivs:[[:space:]]*0' "/proc/$daemon/status" || fail "the unit set no_new_privs on the daemon"
[[ $(readlink "/proc/$daemon/ns/mnt") == "$(readlink /proc/1/ns/mnt)" ]] || fail "the unit gave the daemon its own mounts"
[[ $(grep CapBnd "/proc/$daemon/status") == "$(grep CapBnd /proc/1/status)" ]] || fail "the unit took capabilities away"

echo "a tenant's OOM kill is its own"
kills=$(sed -n 's/^oom_kill //p' "$unit/memory.events")
# shellcheck disable=SC2016  # Python's text
start_tenant first python3 -c 'held = []
while True: held.append(bytearray(b"x" * 1048576))'
wait_until "the glutton was not killed" bash -c "! kill -0 $pid 2>/dev/null"
[[ $(sed -n 's/^oom_kill //p' "$unit/memory.events") -gt $kills ]] || fail "no OOM kill was counted in $unit"
sleep 2
alive "$second" || fail "the OOM kill in 'first' took 'second' along"
systemctl --quiet is-active isolated-tenants.service || fail "an OOM kill ended isolated-tenants.service"
alive "$first" || start_tenant first sleep infinity
first=$(head --lines=1 "$unit/first/cgroup.procs")

echo "the holder's death is nobody else's"
holder=$(main_pid isolated-tenants.service)
[[ $(<"/proc/$holder/oom_score_adj") == -1000 ]] || fail "the holder can be chosen by the OOM killer"
kill -KILL "$holder"
sleep 2
still_there "kill -9 of the holder"
systemctl --quiet is-active isolated-tenants.service || fail "the holder's death ended isolated-tenants.service"
kill -KILL "$first" "$second"
new_holder() {
  local now
  now=$(main_pid isolated-tenants.service)
  [[ $now != 0 && $now != "$holder" ]] && systemctl --quiet is-active isolated-tenants.service isolated.service
}
wait_until "no new holder came after the last tenant" new_holder
for controller in cpu cpuset io memory pids; do
  echo "+$controller" >"$unit/cgroup.subtree_control" || fail "$controller can't be enabled again in $unit"
done
start_tenant first sleep infinity
first=$pid

echo "journald's limit per unit doesn't hold for the tenants' unit"
lines=70000
# shellcheck disable=SC2016  # the inner shell's own variables
start_tenant second systemd-cat --identifier=flood bash -c "seq -f 'line %.0f' $lines; exec sleep infinity"
flooder=$pid
logged() {
  journalctl --sync
  [[ $(journalctl --identifier=flood --boot --output=cat --quiet | wc --lines) -ge $lines ]]
}
wait_until "journald kept less than $lines lines" logged

echo "memory.min holds when the slice and the unit carry it, and only then"
# The multi-generational LRU heeds memory.min under pressure, but not in a reclaim that is asked of the root group
# (Linux 6.12), which is what makes this test quick.
lru_gen=/sys/kernel/mm/lru_gen/enabled
generations=$(<"$lru_gen")
trap 'echo "$generations" >"$lru_gen"' EXIT
echo 0 >"$lru_gen"

# guard: starts the guarded tenant, which owns 40 MiB of page cache
guard() {
  rm -f /var/tmp/guarded
  start_tenant guarded bash -c 'head --bytes=40M /dev/urandom >/var/tmp/guarded && sync /var/tmp/guarded &&
    exec sleep infinity'
  echo 48M >"$unit/guarded/memory.min"
  wait_until "the guarded tenant didn't write its file" grep --quiet sleep "/proc/$pid/comm"
}
# kept_cache: MiB of it that are left after the whole machine was reclaimed hard
kept_cache() {
  echo 2G >/sys/fs/cgroup/memory.reclaim 2>/dev/null || true # EAGAIN: less than that could be had
  sed -n 's/^file //p' "$unit/guarded/memory.stat" | awk '{ print int($1 / 1048576) }'
}
guard
kept=$(kept_cache)
((kept < 20)) || fail "without memory.min above, $kept of 40 MiB survived reclaim: this test tests nothing"
systemctl set-property --runtime isolated.slice MemoryMin=64M
systemctl set-property --runtime isolated-tenants.service MemoryMin=64M
for directory in "$slice" "$unit"; do
  [[ $(<"$directory/memory.min") == 67108864 ]] || fail "set-property didn't write memory.min of $directory"
done
systemctl daemon-reload
guard
kept=$(kept_cache)
((kept >= 38)) || fail "with memory.min above, only $kept of 40 MiB survived reclaim"
rm -f /var/tmp/guarded

echo "stopping isolated-tenants.service ends them all, and the daemon first"
systemctl stop isolated-tenants.service
alive "$first" && fail "stop of isolated-tenants.service left 'first'"
alive "$flooder" && fail "stop of isolated-tenants.service left 'second'"
systemctl revert isolated.slice isolated-tenants.service
[[ ! -d $unit ]] || fail "stop of isolated-tenants.service left $unit"
systemctl --quiet is-active isolated.service && fail "the daemon outlived the group that it works in"
systemctl start isolated.service
[[ -z $(<"$unit/cgroup.procs") ]] || fail "after a fresh start, processes in $unit itself: $(<"$unit/cgroup.procs")"
echo "the units hold"
