#!/bin/bash
# What the units promise: nothing that happens to the daemon, to systemd, to the unit's holder or to a neighbour touches
# a tenant, and stopping isolated-tenants.service ends them all.
# lab-timeout: 600
# lab-disks: hog:size=4G
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"

slice=/sys/fs/cgroup/isolated.slice
unit=$TENANTS_UNIT
big_file=/usr/share/doc/lab-40-MiB

clean_up() {
  rm -f "$big_file"
  systemctl start isolated.service || true
  end_tenants
}
trap clean_up EXIT

main_pid() { systemctl show --property=MainPID --value "$1"; }
# replaced UNIT PID : the unit runs, with another main process than PID
replaced() { [[ $(main_pid "$1") != 0 && $(main_pid "$1") != "$2" ]] && systemctl --quiet is-active "$1"; }
serves() { isoctl ps >/dev/null 2>&1; }
dead() { [[ ! -d /proc/$1 ]]; }

# start_both : two sleeping tenants; $first and $second are their payloads
start_both() {
  local name
  for name in first second; do
    sleeping_policy "$name" 'pids: {max: 20}' | isoctl spawn -f - >/dev/null
    eventually 20 payload_of "$name" >/dev/null
  done
  first=$(payload_of first)
  second=$(payload_of second)
}

# untouched : both still run, as the same processes, under the same limits, and the daemon knows them
untouched() {
  eventually 30 serves &&
    [[ $(tr '\0' ' ' <"/proc/$first/cmdline") == '/bin/sleep infinity ' ]] &&
    [[ $(tr '\0' ' ' <"/proc/$second/cmdline") == '/bin/sleep infinity ' ]] &&
    [[ $(payload_of first) == "$first" && $(payload_of second) == "$second" ]] &&
    [[ $(<"$(group_of first)/memory.max") == 33554432 && $(<"$(group_of first)/pids.max") == 20 ]]
}

active() { systemctl --quiet is-active "$@"; }

check 'both units run' active isolated.service isolated-tenants.service
same 'systemd finds nothing to say about the units' \
  "$(systemd-analyze verify --man=no isolated.socket isolated.service isolated-tenants.service \
    isolated.slice 2>&1)" ''
same 'no process is in the unit'\''s own group' "$(<"$unit/cgroup.procs")" ''

daemon=$(main_pid isolated.service)
matches 'the unit puts no filter on the daemon that tenants would inherit' "$(<"/proc/$daemon/status")" 'Seccomp:.0'
matches 'nor no_new_privs' "$(<"/proc/$daemon/status")" 'NoNewPrivs:.0'
check 'what the daemon itself can do without, it is without' not test "$(grep CapBnd "/proc/$daemon/status")" = "$(grep CapBnd /proc/1/status)"

start_both
check 'two tenants run' untouched
systemctl daemon-reload
check 'systemctl daemon-reload touches no tenant' untouched
systemctl daemon-reexec
check 'systemctl daemon-reexec touches no tenant' untouched
check 'and systemd answers again' eventually 60 active isolated.service
systemctl restart isolated.service
check 'restart gives a new daemon' eventually 60 replaced isolated.service "$daemon"
check 'a restart of the daemon touches no tenant' untouched
daemon=$(main_pid isolated.service)
kill -KILL "$daemon"
check 'a killed daemon comes back' eventually 60 replaced isolated.service "$daemon"
check 'a kill of the daemon touches no tenant' untouched
systemctl stop isolated.service
check 'stopping the daemon leaves isolated-tenants.service' active isolated-tenants.service
check 'and its tenants' test -d "/proc/$first" -a -d "/proc/$second"
systemctl start isolated.service
check 'a stop and start of the daemon touches no tenant' untouched

kills=$(sed -n 's/^oom_kill //p' "$unit/memory.events")
isoctl spawn -f - >/dev/null <<'P'
tenant: glutton
command:
  - /usr/bin/python3
  - -c
  - "held = []\nwhile True: held.append(bytearray(1048576))"
memory: {max: 24MiB, swap: 0}
P
check 'a glutton ends' eventually 60 not is_running glutton
more=$(sed -n 's/^oom_kill //p' "$unit/memory.events")
check 'by an OOM kill, which the unit'\''s memory.events counts' test "$more" -gt "$kills"
sleep 1 # what systemd would do about it, it does at once
check 'and its neighbours and their unit do not notice' untouched
check 'nor does the unit' active isolated-tenants.service
end_tenant glutton

holder=$(main_pid isolated-tenants.service)
same 'the OOM killer never chooses the unit'\''s holder' "$(<"/proc/$holder/oom_score_adj")" -1000
kill -KILL "$holder"
sleep 1
check 'the holder'\''s death touches no tenant' untouched
check 'nor their unit' active isolated-tenants.service
end_tenants
check 'with the last tenant gone, a new holder comes' eventually 60 replaced isolated-tenants.service "$holder"
check 'and the daemon serves' eventually 60 serves
start_both
check 'tenants start again' untouched

# 22,500 lines are all that journald takes from a unit by its own settings in this guest.
# shellcheck disable=SC2016  # the inner shell's own variables
bash -c 'echo $$ >"$0/cgroup.procs"; exec systemd-cat --identifier=flood seq 70000' \
  "/sys/fs/cgroup$(cut --delimiter=: --fields=3 "/proc/$second/cgroup")"
all_logged() {
  journalctl --sync
  [[ $(journalctl --identifier=flood --boot --output=cat --quiet | wc --lines) == 70000 ]]
}
check 'journald has no limit of its own for the tenants'\'' unit' eventually 60 all_logged

head --bytes=40M /dev/urandom >"$big_file"
sync "$big_file"
# guarded MEMORY : starts a tenant that has read the big file, with these lines about its memory
guarded() {
  echo 1 >/proc/sys/vm/drop_caches
  isoctl spawn -f - >/dev/null <<P
tenant: guarded
command: [/bin/sh, -c, "cat $big_file >/dev/null; exec sleep infinity"]
memory: {$1}
P
  eventually 30 grep --quiet --extended-regexp '^file (4[0-9]|5[0-9])[0-9]{6}$' "$(group_of guarded)/memory.stat"
}
# kept : MiB of page cache that it keeps while a neighbour reads twice the machine's memory
kept() {
  dd if=/dev/disk/by-id/hog of=/dev/null bs=4M status=none
  awk '$1 == "file" { print int($2 / 1048576) }' "$(group_of guarded)/memory.stat"
}
# carried FILE : what the slice and the unit have in it
carried() { echo "$(<"$slice/$1") $(<"$unit/$1")"; }
same 'nothing is carried while nothing is promised' "$(carried memory.min) $(carried memory.low)" '0 0 0 0'
guarded 'max: 64MiB'
unprotected=$(kept)
end_tenant guarded
guarded 'min: 48MiB, max: 64MiB'
same 'the slice and the unit carry what a tenant is promised' "$(carried memory.min)" '50331648 50331648'
systemctl daemon-reload
protected=$(kept)
between 'memory.min holds beside a neighbour that takes all it gets, beyond a daemon-reload (MiB kept)' "$protected" 38 64
check "without it, less is kept ($unprotected MiB)" test "$unprotected" -lt $((protected - 10))
sleeping_policy other | sed 's/memory:.*/memory: {low: 16MiB, max: 32MiB}/' | isoctl spawn -f - >/dev/null
same 'another tenant adds its own' "$(carried memory.min) $(carried memory.low)" '50331648 50331648 16777216 16777216'
kill -KILL "$(main_pid isolated.service)"
eventually 60 serves
same 'a restarted daemon carries on' "$(carried memory.min) $(carried memory.low)" '50331648 50331648 16777216 16777216'
end_tenant guarded
lowered() { [[ "$(carried memory.min) $(carried memory.low)" == "$1" ]]; }
check 'what has ended is carried no longer' eventually 30 lowered '0 0 16777216 16777216'
end_tenant other
check 'and with the last one nothing is' eventually 30 lowered '0 0 0 0'
same 'systemd knows the same' "$(systemctl show --property=MemoryMin,MemoryLow isolated.slice | sort | tr '\n' ' ')" 'MemoryLow=0 MemoryMin=0 '

systemctl stop isolated-tenants.service
check 'stopping isolated-tenants.service ends the first tenant' dead "$first"
check 'and the second' dead "$second"
check 'and leaves no group' test ! -d "$unit"
check 'and the daemon stops before it' not active isolated.service
systemctl start isolated.service
check 'and comes back' eventually 60 serves
check 'with a fresh group' test -d "$unit" -a -z "$(<"$unit/cgroup.procs")"
finish
