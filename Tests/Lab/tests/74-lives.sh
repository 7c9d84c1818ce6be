#!/bin/bash
# Tenants that are killed, run out of memory, are frozen, thawed, entered, changed and stopped at random, now and then with
# the daemon killed under them: each end is told as what it was, no live tenant is harmed, and nothing stays behind.
# Usage: 74-lives.sh [ROUNDS [SEED]]
# lab-timeout: 600
# Texts for other interpreters are quoted from this one (SC2016).
# shellcheck disable=SC2016
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"
# shellcheck source=Tests/Lab/lib/traces.sh
. "$LAB/lib/traces.sh"

rounds=${1:-60}
RANDOM=${2:-7}
shared=/srv/lives
client=
clean_up() {
  [[ -z $client ]] || kill -KILL "$client" 2>/dev/null || true
  systemctl start isolated.service
  end_tenants
  rm -rf "$shared"
}
trap clean_up EXIT
mkdir -p "$shared"
chown 65534:65534 "$shared"

main_pid() { systemctl show --property=MainPID --value isolated.service; }
file() { cat "$TENANTS_UNIT/$1/$2"; }
cause() { tenant_json "$1" | jq --raw-output '"\(.exit.cause) \(.exit.signal // .exit.status)"'; }
frozen() { file "$1" cgroup.events | sed -n 's/^frozen //p'; }

# SIGUSR1 has the command eat memory until the kernel ends it.
life='trap "exec tail /dev/zero" USR1; trap "exit 5" TERM; echo ready; while :; do sleep 0.1; done'
spawn() {
  sleeping_policy "$1" 'stop: {grace: 10s}' "root: {base: host, writable: [$shared]}" |
    isoctl spawn -f - -- /bin/sh -c "$life" >/dev/null
  is[$1]=running
}

is_up() { isoctl logs "$1" 2>/dev/null | grep --quiet ready; }

# ended NAME SENTENCE CAUSE... : the tenant has ended in one of these ways, and is forgotten
ended() {
  local name=$1 sentence=$2 found expected
  shift 2
  eventually 40 has_ended "$name" || { fails "round $round: $sentence: it ends" "$(tenant_json "$name")"; return; }
  found=$(cause "$name")
  for expected in "$@"; do
    [[ $found != "$expected" ]] || { isoctl forget "$name" && spawn "$name" && return; }
  done
  fails "round $round: $sentence: it ends as $1" "found $found"
  isoctl forget "$name"
  spawn "$name"
}

# must SENTENCE COMMAND... : the command succeeds
must() {
  local sentence=$1
  shift
  timeout 60 "$@" >told 2>&1 || fails "round $round: $sentence" "status $? of $*" "$(<told)"
}

act_kill() {
  kill -KILL "$(payload_of "$1")"
  # What is killed while it stands still is gone when it runs again, or at once: kernels differ.
  [[ ${is[$1]} == running ]] || isoctl thaw "$1" 2>/dev/null || true
  ended "$1" 'its command is killed' 'signaled 9'
}
act_kill_init() {
  kill -KILL "$(first_process "$1")"
  [[ ${is[$1]} == running ]] || isoctl thaw "$1" 2>/dev/null || true
  ended "$1" 'its PID 1 is killed' 'init-lost 9'
}
act_memory() {
  [[ ${is[$1]} == running ]] || thaw "$1"
  isoctl kill -s USR1 "$1" >/dev/null
  ended "$1" 'it eats all memory' 'oom-killed 9'
}
act_freeze() {
  must 'it is frozen' isoctl freeze "$1"
  is[$1]=frozen
  [[ $(frozen "$1") == 1 ]] || fails "round $round: the kernel says that $1 is frozen"
}
thaw() {
  must 'it is thawed' isoctl thaw "$1"
  is[$1]=running
}
act_thaw() { thaw "$1"; }
act_exec() {
  local found=0 status=$((RANDOM % 200))
  [[ ${is[$1]} == running ]] || thaw "$1"
  timeout 60 isoctl exec "$1" -- /bin/sh -c "exit $status" >told 2>&1 || found=$?
  ((found == status)) || fails "round $round: exec returns $status" "found $found" "$(<told)"
}
# A command that is in the tenant when it, or its client, goes.
enter() {
  rm -f "$shared/inside"
  isoctl exec "$1" -- /bin/sh -c "echo >$shared/inside; exec sleep 300" >/dev/null 2>&1 &
  client=$!
  eventually 30 test -e "$shared/inside" || fails "round $round: a command starts in $1"
}
leave() {
  local found=0
  wait "$client" 2>/dev/null || found=$?
  client=
  ((found != 0)) || fails "round $round: a command that is killed has a status of its own"
}
act_exec_then_end() {
  local next ends=(act_kill act_kill_init act_memory act_stop act_freeze)
  [[ ${is[$1]} == running ]] || thaw "$1"
  enter "$1"
  next=${ends[RANDOM % ${#ends[@]}]}
  [[ $next != act_freeze ]] || { act_freeze "$1" && next=act_stop; }
  $next "$1"
  leave
}
act_exec_client() {
  [[ ${is[$1]} == running ]] || thaw "$1"
  enter "$1"
  kill -KILL "$client"
  leave
  eventually 30 bash -c "! pgrep --full --exact 'sleep 300' >/dev/null" ||
    fails "round $round: the command of a client that was killed ends"
}
act_update() {
  local memory=$((RANDOM % 40 + 32)) pids=$((RANDOM % 60 + 20))
  must 'it is changed' isoctl update "$1" --memory-max "${memory}MiB" --pids-max "$pids" --cpu-max $((RANDOM % 80 + 20))%
  [[ $(file "$1" memory.max) == $((memory << 20)) && $(file "$1" pids.max) == "$pids" ]] ||
    fails "round $round: the kernel has what $1 was changed to"
}
act_update_refused() {
  local before
  before=$(file "$1" memory.max; file "$1" pids.max)
  if isoctl update "$1" --pids-max 77 --memory-max 1MiB --set memory.min=2MiB >told 2>&1; then
    fails "round $round: a minimum above the maximum is refused" "$(<told)"
  fi
  [[ $(file "$1" memory.max; file "$1" pids.max) == "$before" ]] || fails "round $round: what is refused changes nothing"
}
act_stop() {
  must 'it is stopped' isoctl stop "$1"
  ended "$1" 'it is stopped' 'exited 5'
}
act_stop_at_once() {
  must 'it is killed' isoctl stop --grace=0ms "$1"
  ended "$1" 'it is killed' 'killed 9'
}
act_daemon() {
  kill -KILL "$(main_pid)"
  timeout 90 isoctl ps >/dev/null || fails "round $round: a killed daemon comes back"
}

declare -A is=() done_what=()
round=0
spawn warm
isoctl exec warm -- /bin/true
isoctl freeze warm
isoctl thaw warm
isoctl update warm --pids-max 50 >/dev/null
end_tenants
take_traces before
names=(life-0 life-1 life-2 life-3)
for name in "${names[@]}"; do spawn "$name"; done
acts=(kill kill kill_init memory memory freeze freeze freeze thaw exec exec exec exec_then_end exec_then_end exec_client
  update update update update_refused stop stop_at_once daemon)
for ((round = 1; round <= rounds; round++)); do
  name=${names[RANDOM % ${#names[@]}]}
  what=${acts[RANDOM % ${#acts[@]}]}
  done_what[$what]=$((${done_what[$what]:-0} + 1))
  eventually 30 is_up "$name" || fails "round $round: $name is up before $what"
  "act_$what" "$name"
  expected=$(for other in "${names[@]}"; do echo "$other ${is[$other]}"; done)
  found=$(isoctl ps --json | jq --raw-output '.tenants | sort_by(.name)[] | "\(.name) \(.state)"')
  [[ $found == "$expected" ]] || fails "round $round: after $what of $name, each is as it should be" "$(isoctl ps)" "$expected"
  ((round % 20 != 0)) || echo "round $round of $rounds, after $SECONDS s: $checks_failed failures"
done
summary=$(for what in "${!done_what[@]}"; do echo "${done_what[$what]} $what"; done | sort --key=2 | paste --serial --delimiters=,)
same "$rounds rounds (${summary//,/, }) have failed in nothing" "$checks_failed" 0
end_tenants
check 'nothing is left' eventually 40 \
  bash -c 'diff <(grep --invert-match "^daemon" before) <(. "$LAB/lib/tenants.sh"; . "$LAB/lib/traces.sh"; traces | LC_ALL=C sort | grep --invert-match "^daemon")'
check 'neither is a process of a command that entered' bash -c "! pgrep --full --exact 'sleep 300'"
finish
