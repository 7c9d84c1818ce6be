#!/bin/bash
# The daemon is restarted and killed while tenants run: they live on, their ends are told afterwards, and what a start
# that was cut off has left goes away.
# lab-timeout: 400
# Functions run by name (SC2317), and texts for other interpreters are quoted from this one (SC2016).
# shellcheck disable=SC2016,SC2317
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"
# shellcheck source=Tests/Lab/lib/traces.sh
. "$LAB/lib/traces.sh"
clean_up() {
  systemctl start isolated.service
  end_tenants
}
trap clean_up EXIT

daemon_pid() { systemctl show --property=MainPID --value isolated.service; }
is_back() { [[ $(daemon_pid) != 0 && $(daemon_pid) != "$1" ]] && systemctl --quiet is-active isolated.service && isoctl ps >/dev/null 2>&1; }
said() { isoctl logs "$1" | grep --quiet "$2"; }

# tally : a tenant that counts, so that a pause in its life would show
tally='n=0; trap "exit 42" TERM; while :; do n=$((n + 1)); echo "count $n"; sleep 0.2; done'
sleeping_policy steady >steady.yaml
isoctl spawn -f steady.yaml -- /bin/sh -c "$tally" >/dev/null
isoctl spawn -f steady.yaml --name doomed >/dev/null
steady=$(payload_of steady)
first=$(first_process steady)
isoctl run -f steady.yaml --name attended -- /bin/sh -c 'echo hello; read -r line; echo "got $line"; exit 9' \
  < <(sleep 40; echo 'a word after all that') >attended.out 2>attended.err &
client=$!
eventually 20 grep --quiet hello attended.out || fails 'a foreground tenant starts' "$(cat attended.err)"
limits=$(isoctl inspect steady --json | jq --compact-output --sort-keys '[.limits, .namespaces, .idRange, .capabilities, .seccomp]')

# lives_on HOW : the tenant is the same process with the same limits, it counts on, and its output arrives
lives_on() {
  local count
  same "$1: the tenant runs on as the same process" "$(payload_of steady) $(tenant_state steady)" "$steady running"
  same "$1: its PID 1 too" "$(first_process steady)" "$first"
  same "$1: inspect tells the same limits, namespaces, ids, capabilities and filter" \
    "$(isoctl inspect steady --json | jq --compact-output --sort-keys '[.limits, .namespaces, .idRange, .capabilities, .seccomp]')" "$limits"
  count=$(isoctl logs steady -n 1 | sed 's/.*count //')
  check "$1: its output goes on" eventually 20 said steady "count $((count + 5))"
  same "$1: its name is taken" "$(status_of isoctl spawn -f steady.yaml)" 1
}

daemon=$(daemon_pid)
systemctl restart isolated.service
check 'the daemon is back after a restart' eventually 60 is_back "$daemon"
lives_on 'after a restart'
for round in 1 2 3; do
  daemon=$(daemon_pid)
  kill -KILL "$daemon"
  check "systemd brings the daemon back after SIGKILL (round $round)" eventually 60 is_back "$daemon"
done
lives_on 'after three SIGKILLs'

echo 'ends while nobody looks'
process=$(first_process doomed)
doomed=$(payload_of doomed)
systemctl stop isolated.socket isolated.service
check 'without the daemon, the tenants run' test -d "/proc/$steady" -a -d "/proc/$process"
same 'isoctl says that the daemon does not answer' "$(status_of isoctl ps)" 1
matches 'and how to start it' "$(<"$CHECK_OUTPUT")" 'mend:.*systemctl start isolated'
kill -TERM "$doomed" "$steady" # the commands themselves: each PID 1 writes down how its own ended
eventually 20 not test -d "/proc/$process"
eventually 20 not test -d "/proc/$first"
systemctl start isolated.service
eventually 60 isoctl ps >/dev/null 2>&1
same 'the signal that ended a tenant meanwhile is found' "$(tenant_json doomed | jq --compact-output '[.state, .exit.signal, .exit.cause]')" '["ended",15,"signaled"]'
same 'the status of the other too' "$(status_of isoctl wait steady)" 42
same 'their groups are gone' "$(find "$TENANTS_UNIT" -mindepth 1 -type d ! -name supervisor ! -path '*/attended*')" ''
end_tenant steady doomed

status=0
wait $client || status=$?
same 'isoctl run has found its tenant again, and returns its status' "$status" 9
matches 'its streams have held through it all' "$(<attended.out)" 'got a word after all that'
matches 'it says that the daemon went away' "$(<attended.err)" 'the daemon went away'

echo 'ends that nothing can write down'
isoctl spawn -f steady.yaml --name lost >/dev/null
kill -KILL "$(first_process lost)"
check 'a tenant whose PID 1 was killed has ended' eventually 20 has_ended lost
same 'with the status of SIGKILL' "$(status_of isoctl wait lost)" 137
same 'and with the cause that its init was lost' "$(tenant_json lost | jq --raw-output .exit.cause)" init-lost
end_tenant lost

echo 'starts that were cut off'
end_tenants
has_no_groups() { [[ -z $(find "$TENANTS_UNIT" -mindepth 1 -type d ! -name supervisor) ]]; }
check 'a quiet daemon' eventually 20 has_no_groups
mkdir "$TENANTS_UNIT/half-made" "$TENANTS_UNIT/half-run"
(echo "$BASHPID" >"$TENANTS_UNIT/half-run/cgroup.procs" && exec sleep 600) >/dev/null 2>&1 &
stray=$!
eventually 10 grep --quiet . "$TENANTS_UNIT/half-run/cgroup.procs" || fails 'a stray process is in its group'
daemon=$(daemon_pid)
kill -KILL "$daemon"
check 'the daemon is back' eventually 60 is_back "$daemon"
same 'groups that no record knows are removed' "$(find "$TENANTS_UNIT" -mindepth 1 -type d ! -name supervisor)" ''
check 'and what ran in them is killed' eventually 10 not kill -0 "$stray"
take_traces before
# Killed at any moment of a start: nothing may stay, and a name must be free again.
for round in {1..8}; do
  daemon=$(daemon_pid)
  for number in {1..6}; do isoctl spawn -f steady.yaml --name "cut-$number" >/dev/null 2>&1 & done
  sleep "0.$((round * 13 % 10))"
  kill -KILL "$daemon"
  eventually 60 is_back "$daemon" || fails "round $round: the daemon is back" "$(systemctl status isolated.service)"
  wait
  for number in {1..6}; do
    state=$(tenant_state "cut-$number")
    # Where the daemon died between a tenant's record and its leave to go, the record tells that it has ended.
    [[ -z $state || $state == running || $(tenant_json "cut-$number" | jq --raw-output .exit.cause) == init-lost ]] ||
      fails "round $round: cut-$number runs, never was, or ended before its command ran" "$(tenant_json "cut-$number")"
    [[ $state != running || -d $TENANTS_UNIT/cut-$number ]] || fails "round $round: cut-$number runs in its group"
  done
  end_tenants
done
# All but the daemon itself is as it was.
check 'after eight daemons that were killed while they started tenants, nothing is left' eventually 30 \
  bash -c 'diff <(grep --invert-match "^daemon\|^descriptor" before) <(. "$LAB/lib/tenants.sh"; . "$LAB/lib/traces.sh"; traces | LC_ALL=C sort | grep --invert-match "^daemon\|^descriptor")'
finish
