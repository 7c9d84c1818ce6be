#!/bin/bash
# What befalls the daemon befalls it alone: killed at any of its system calls, out of memory, with records cut short, a
# full or read-only /run and a clock that jumps, its tenants live on and their ends are told; what was half made goes.
# lab-timeout: 600
# Functions run by name (SC2317), and texts for other interpreters are quoted from this one (SC2016).
# shellcheck disable=SC2016,SC2317
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"
# shellcheck source=Tests/Lab/lib/traces.sh
. "$LAB/lib/traces.sh"

steps=${1:-12}
state=/run/isolated/tenants
daemon_group=/sys/fs/cgroup/isolated.slice/isolated.service
clock_offset=0
clean_up() {
  rm -f /run/filler
  umount /run/isolated 2>/dev/null || true
  ((clock_offset == 0)) || date --set="@$(($(date +%s) - clock_offset))" >/dev/null
  systemctl start isolated.service
  end_tenants
}
trap clean_up EXIT

main_pid() { systemctl show --property=MainPID --value isolated.service; }
serves() { timeout 60 isoctl ps >/dev/null 2>&1; }
replaced() { [[ $(main_pid) != 0 && $(main_pid) != "$1" ]] && serves; }
stop_daemon() { systemctl stop isolated.socket isolated.service; }
start_daemon() { systemctl start isolated.service && serves; }
groups() { find "$TENANTS_UNIT" -mindepth 1 -type d ! -name supervisor -printf '%f\n' | sort | tr '\n' ' '; }
# A command that ends with its own status when it is asked to.
ends_with() { printf 'trap "exit %s" TERM; while :; do sleep 0.1; done' "$1"; }
# start NAME STATUS : a tenant that ends with STATUS on SIGTERM
start() {
  sleeping_policy "$1" 'pids: {max: 17}' 'stop: {grace: 30s}' | isoctl spawn -f - -- /bin/sh -c "$(ends_with "$2")" >/dev/null
  # Its first sleep comes after its trap.
  eventually 20 pgrep --parent "$(payload_of "$1")" >/dev/null
}
# ends NAME STATUS SENTENCE
ends() { matches "$3" "$(isoctl stop "$1" 2>&1)" "$1 exited $2"; }

echo 'records that are damaged'
for name in whole cut both gone noise; do start $name 41; done
declare -A first
for name in whole cut both gone noise; do first[$name]=$(first_process $name); done
inspected=$(isoctl inspect cut --json | jq --sort-keys 'del(.. | .cpuUsec?, .memoryBytes?, .pids?, .ioReadBytes?, .ioWriteBytes?)')
limits=$(isoctl inspect both --json | jq --compact-output --sort-keys '[.idRange, .namespaces, .cgroup, .summary.memoryMaxBytes, .summary.pidsMax]')
burnt=$(tenant_json both | jq .cpuUsec)
stop_daemon
cut_short() { truncate --size=$(($(stat --format=%s "$1") / 2)) "$1"; }
cut_short $state/cut.json
cut_short $state/both.json
cut_short $state/both.copy
rm $state/gone.json $state/gone.copy
head --bytes=600 /dev/urandom >$state/noise.json
: >$state/noise.copy
check 'a daemon starts over damaged records' start_daemon
for name in whole cut both gone noise; do
  same "$name: the tenant lives on" "$(tenant_state $name) $(first_process $name)" "running ${first[$name]}"
done
same 'one whose record was cut is told of as before' \
  "$(isoctl inspect cut --json | jq --sort-keys 'del(.. | .cpuUsec?, .memoryBytes?, .pids?, .ioReadBytes?, .ioWriteBytes?)')" "$inspected"
same 'one whose record is lost keeps ids, namespaces, group and limits' \
  "$(isoctl inspect both --json | jq --compact-output --sort-keys '[.idRange, .namespaces, .cgroup, .summary.memoryMaxBytes, .summary.pidsMax]')" "$limits"
matches 'and says so' "$(isoctl inspect both --json | jq --compact-output .notEnforced)" 'record was lost'
check 'its account goes on' test "$(tenant_json both | jq .cpuUsec)" -ge "$burnt"
same 'its name is taken' "$(status_of isoctl spawn -f <(sleeping_policy both))" 1
systemctl restart isolated.service
for name in whole cut both gone noise; do
  same "$name: the next daemon knows it too" "$(tenant_state $name) $(first_process $name)" "running ${first[$name]}"
done
for name in whole cut both noise; do ends $name 41 "$name: its own exit status arrives"; done
end_tenant whole cut both gone noise
same 'nothing is left of them' "$(groups)$(ls $state)" ''

echo 'a daemon without memory'
start steady 43
steady=$(first_process steady)
daemon=$(main_pid)
(echo 1M >$daemon_group/memory.max) 2>/dev/null || true
check 'the daemon is killed for its memory, and comes back' eventually 60 replaced "$daemon"
same 'its tenant lives on' "$(tenant_state steady) $(first_process steady)" "running $steady"

echo 'a clock that jumps'
jump() {
  clock_offset=$((clock_offset + $1))
  date --set="@$(($(date +%s) + $1))" >/dev/null
}
start jumper 44
jump 200000
check 'a day forth, the daemon serves' serves
ends jumper 44 'and tells an end'
check 'and how long it took by a clock that nobody sets' test "$(tenant_json jumper | jq .exit.durationUsec)" -lt 600000000
start jumper 45
jump -400000
systemctl restart isolated.service
check 'two days back, a new daemon adopts' is_running jumper
ends jumper 45 'and tells an end too'
between 'with its true length' "$(($(tenant_json jumper | jq .exit.durationUsec) / 1000))" 1 600000
jump $((-clock_offset))
end_tenant jumper
same 'the steady one is as it was' "$(tenant_state steady) $(first_process steady)" "running $steady"

echo 'a read-only state directory'
start kept 46
mount --bind /run/isolated /run/isolated
mount -o remount,bind,ro /run/isolated
check 'it can be written no more' not touch /run/isolated/x
check 'a restarted daemon serves' systemctl restart isolated.service
same 'and has adopted' "$(tenant_state steady) $(tenant_state kept)" 'running running'
same 'a start is refused' "$(status_of isoctl spawn -f <(sleeping_policy refused))" 1
matches 'for that reason' "$(<"$CHECK_OUTPUT")" 'EROFS'
same 'and leaves no group' "$(groups)" 'kept steady '
ends kept 46 'an exit status is not lost to it'
umount /run/isolated
systemctl restart isolated.service
serves
same 'once it can be written, another daemon knows the end' "$(tenant_json kept | jq .exit.status)" 46
end_tenant kept
check 'and tenants start' isoctl spawn -f <(sleeping_policy kept)
end_tenant kept

echo 'a full /run'
start kept 47
head --bytes=2G /dev/zero >/run/filler 2>/dev/null || true
daemon=$(main_pid)
same 'a start is refused' "$(status_of isoctl spawn -f <(sleeping_policy refused))" 1
matches 'for that reason' "$(<"$CHECK_OUTPUT")" 'ENOSPC'
same 'and leaves no group' "$(groups)" 'kept steady '
kill -KILL "$daemon"
check 'a killed daemon comes back' eventually 60 replaced "$daemon"
same 'and has adopted' "$(tenant_state steady) $(tenant_state kept)" 'running running'
ends kept 47 'an exit status is not lost to it'
rm /run/filler
end_tenant kept
ends steady 43 'the steady one has lived through all of it'
end_tenant steady

echo 'killed at its system calls'
serves
sleeping_policy warm | isoctl run -f - -- /bin/true
take_traces before
survivors=0 undone=0 step=0
start bystander 48
bystander=$(first_process bystander)
# Every thread counts its own calls: the further it gets, the later in a start or an end it dies.
while ((step < steps)); do
  step=$((step + 1))
  daemon=$(main_pid)
  strace -f -qq -o /dev/null -p "$daemon" -e trace=all -e "inject=all:signal=KILL:when=$((step * 311 % 241 + 1))" &
  tracer=$!
  eventually 20 grep --quiet "TracerPid:.*$tracer" "/proc/$daemon/status" || true
  timeout 60 isoctl spawn -f <(sleeping_policy victim) >/dev/null 2>&1 || true
  [[ $(main_pid) != "$daemon" ]] || timeout 60 isoctl stop victim --grace=0ms >/dev/null 2>&1 || true
  kill -KILL "$daemon" 2>/dev/null || true
  wait $tracer 2>/dev/null || true
  eventually 60 replaced "$daemon" || fails "step $step: the daemon is back" "$(systemctl status isolated.service)"
  case $(tenant_state victim) in
  running)
    survivors=$((survivors + 1))
    [[ -d $TENANTS_UNIT/victim && -d /proc/$(first_process victim) ]] || fails "step $step: the tenant runs in its group"
    ;;
  '')
    undone=$((undone + 1))
    [[ ! -d $TENANTS_UNIT/victim ]] || fails "step $step: no group stays of what was undone"
    ;;
  ended) [[ ! -d $TENANTS_UNIT/victim ]] || fails "step $step: no group stays of what has ended" ;;
  *) fails "step $step: the tenant either runs, or ended, or never was" "$(tenant_json victim)" ;;
  esac
  end_tenant victim
done
check "of $steps starts under a daemon that was killed, some were undone ($undone) and some lived on ($survivors)" test $((undone + survivors)) -gt 0
same 'a tenant beside them has felt nothing' "$(tenant_state bystander) $(first_process bystander)" "running $bystander"
ends bystander 48 'and ends with its own status'
end_tenant bystander
check 'after all of it, nothing is left' eventually 30 \
  bash -c 'diff <(grep --invert-match "^daemon\|^descriptor" before) <(. "$LAB/lib/tenants.sh"; . "$LAB/lib/traces.sh"; traces | LC_ALL=C sort | grep --invert-match "^daemon\|^descriptor")'
finish
