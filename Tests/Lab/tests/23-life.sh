#!/bin/bash
# A tenant's life through isoctl: every command, in words and in JSON; exit statuses, streams, signals and hang-ups of
# `run`; output in the journal, and a flood of it; what admission refuses; what others than root may do.
# lab-timeout: 400
# Functions run by name (SC2317), and texts for other interpreters are quoted from this one (SC2016).
# shellcheck disable=SC2016,SC2317
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"

clean_up() {
  end_tenants
  rm -rf /etc/isolated/policies/{open,shut,free}.yaml
  for user in ada grace mallory; do userdel "$user" 2>/dev/null || true; done
}
trap clean_up EXIT

sleeping_policy shell >shell.yaml
# sh_run SCRIPT [ISOCTL-OPTION...] : runs a shell script as a tenant in the foreground
sh_run() {
  local script=$1
  shift
  isoctl run -f shell.yaml "$@" -- /bin/sh -c "$script"
}
is_json() { jq --exit-status "$@" >/dev/null; }
said() { grep --quiet --extended-regexp "$2" <(isoctl logs "$1"); }

echo 'spawn, ps, inspect'
same 'spawn prints the name of the tenant' "$(isoctl spawn -f shell.yaml --name first)" first
check 'it runs' is_running first
started=$(isoctl spawn -f shell.yaml --name second --json)
same 'spawn --json tells name and pid' "$(jq '.name, (.pid | type)' <<<"$started" | tr -d '"\n')" secondnumber
same 'the pid is the tenant'"'"'s' "$(jq .pid <<<"$started")" "$(first_process second)"
matches 'ps has a line for each' "$(isoctl ps)" 'first +running.*second +running'
check 'ps --json is JSON in the documented form' is_json '.tenants | length == 2 and all(has("name") and has("state")
  and (.cpuUsec | type) == "number" and .memoryMaxBytes == 33554432 and .pids >= 2 and .owner == 0)' <(isoctl ps --json)
isoctl inspect first --json >inspected.json
check 'inspect --json is JSON in the documented form' is_json '.command == ["/bin/sleep", "infinity"]
  and (.limits | any(.file == "memory.max" and .kernel == "33554432")) and .idRange.count == 65536
  and .capabilities == [] and (.mounts | length > 10) and .notEnforced == []' inspected.json
same 'inspect tells the namespaces that /proc tells' "$(jq --raw-output '.namespaces | to_entries[] | .key + ":[" + (.value | tostring) + "]"' inspected.json | sort)" \
  "$(for kind in cgroup ipc mnt net pid time user uts; do readlink "/proc/$(first_process first)/ns/$kind"; done | sort)"
matches 'inspect tells the group' "$(isoctl inspect first)" "Group +$TENANTS_UNIT/first"
check 'version tells of client and daemon' is_json '.client == .daemon.version and (.daemon.controllers | index("io"))' <(isoctl version --json)
matches 'version in words' "$(isoctl version)" 'isoctl +[0-9.]+.*isolated +[0-9.]+.*kernel'

echo 'kill, stop, wait, forget'
same 'a running tenant is not forgotten' "$(status_of isoctl forget first)" 1
matches 'and isoctl says why' "$(<"$CHECK_OUTPUT")" 'still runs'
same 'kill sends SIGTERM' "$(status_of isoctl kill first)" 0
check 'which ends it' eventually 10 has_ended first
same 'wait returns the status that a shell would' "$(status_of isoctl wait first)" 143
matches 'and says how it ended' "$(<"$CHECK_OUTPUT")" 'first signaled SIGTERM'
check 'wait --json is JSON' is_json '.exit.signal == 15 and .exit.cause == "signaled"' <(isoctl wait first --json || true)
same 'an ended tenant takes no signal' "$(status_of isoctl kill first)" 1
same 'forget drops it' "$(status_of isoctl forget first)" 0
check 'ps knows it no more' is_unknown first
same 'kill -s KILL kills it whole' "$(isoctl kill -s KILL second && status_of isoctl wait second)" 137
end_tenant second
isoctl spawn -f shell.yaml --name late -- /bin/sh -c 'trap "sleep 1; exit 7" TERM; echo late; while :; do sleep 0.1; done' >/dev/null
isoctl spawn -f shell.yaml --name deaf -- /bin/sh -c 'trap "" TERM; echo deaf; while :; do sleep 0.1; done' >/dev/null
check 'a tenant gets ready' eventually 10 said deaf deaf
check 'and another' eventually 10 said late late
matches 'stop waits for a tenant that ends by itself' "$(isoctl stop --grace=20s late)" 'late exited 7'
began=$SECONDS
matches 'stop kills a tenant that ignores SIGTERM once the grace is over' "$(isoctl stop --grace=2s deaf)" 'deaf (killed|signaled SIGKILL)'
between 'and not before it' $((SECONDS - began)) 2 20
end_tenant late deaf
check 'stop --json is JSON' is_json '.exit | has("cause")' <(sleeping_policy once | isoctl spawn -f - >/dev/null && isoctl stop once --json --grace=1s)
end_tenant once

echo 'run: statuses'
for status in 0 7 64 125 255; do
  same "run returns the command's status $status" "$(status_of sh_run "exit $status")" $status
done
for signal in TERM INT KILL SEGV; do
  expected=$((128 + $(kill -l $signal)))
  same "run returns $expected for a command that SIG$signal ends" "$(status_of sh_run "ulimit -c 0; kill -$signal \$\$")" $expected
done
same 'run returns 127 for a command that does not exist' "$(status_of isoctl run -f shell.yaml -- /no/such/program)" 127
matches 'and says so' "$(<"$CHECK_OUTPUT")" '/no/such/program.*ENOENT'
same 'run returns 127 for a name that is not in PATH' "$(status_of isoctl run -f shell.yaml -- no-such-program)" 127
same 'run returns 126 for a file that is no program' "$(status_of isoctl run -f shell.yaml -- /etc/passwd)" 126
same 'run returns 126 for a directory' "$(status_of isoctl run -f shell.yaml -- /usr)" 126
same 'run returns 125 for a policy that there is not' "$(status_of isoctl run no-such-policy)" 125
same 'run returns 125 for a wrong command line' "$(status_of isoctl run --no-such-option x)" 125
check 'nothing is left of all those' test "$(isoctl ps --json | jq '.tenants | length')" = 0

echo 'run: streams and signals'
head --bytes=3000000 /dev/urandom >sent
same 'three megabytes pass through a tenant unharmed' "$(isoctl run -f shell.yaml -- /bin/cat <sent | sha256sum)" "$(sha256sum <sent)"
sh_run 'echo out; echo err >&2' >streams.out 2>streams.err
same 'standard output and standard error stay apart' "$(<streams.out) $(<streams.err)" 'out err'
same 'the end of the input is the end of the input' "$(printf 'a\nb\n' | sh_run 'wc -l')" 2
same 'a closed standard input is empty, not another file' "$(sh_run 'cat; echo done' <&-)" 'done'
same 'a variable given with -e arrives' "$(isoctl run -f shell.yaml -e GREETING='good day' -- /bin/sh -c 'echo "$GREETING"')" 'good day'
same 'the caller'"'"'s own variables do not' "$(SECRET=leak sh_run 'echo "${SECRET-none}"')" none

# A shell starts what it puts into the background with SIGINT and SIGQUIT ignored, which isoctl respects.
for signal in TERM INT HUP USR1 QUIT; do
  env --default-signal isoctl run -f shell.yaml --name signalled -- /bin/sh -c \
    "trap 'echo got $signal; exit 3' $signal; echo ready; while :; do sleep 0.1; done" >"got.$signal" 2>&1 &
  client=$!
  eventually 20 grep --quiet ready "got.$signal" || true
  # The command may be at work before isoctl has heard that it is.
  eventually 20 is_running signalled || true
  kill -"$signal" $client
  status=0
  wait $client || status=$?
  same "SIG$signal to isoctl reaches the command, whose status comes back" \
    "$status $(tail --lines=1 "got.$signal")" "3 got $signal"
done
sleeping_policy orphan | isoctl run -f - &
client=$!
eventually 20 is_running orphan || true
process=$(payload_of orphan)
kill -KILL $client
check 'when isoctl is killed, its tenant ends' eventually 30 is_unknown orphan
check 'its command is gone' not test -d "/proc/$process"
isoctl run -f shell.yaml --name stubborn -- /bin/sh -c 'trap "" TERM HUP; while :; do sleep 0.1; done' &
client=$!
eventually 20 is_running stubborn || true
kill -KILL $client
check 'also one that ignores every signal that may be ignored, after its grace' eventually 40 is_unknown stubborn
same 'no group is left of them' "$(find "$TENANTS_UNIT" -mindepth 1 -type d ! -name supervisor)" ''

echo 'logs'
isoctl spawn -f shell.yaml --name writer -- /bin/sh -c 'echo to stdout; echo to stderr >&2; sleep 600' >/dev/null
check 'detached output is in the journal under the name of the tenant' eventually 20 said writer 'to stdout'
check 'standard error too' eventually 20 said writer 'to stderr'
check 'journalctl finds it under that identifier' grep --quiet 'to stdout' <(journalctl --quiet --identifier=writer)
same 'logs -n takes the last lines' "$(isoctl logs writer -n 1 | grep --count writer)" 1
check 'logs --json is JSON lines' is_json 'select(.MESSAGE == "to stdout")' <(isoctl logs writer --json)
end_tenant writer
for round in 1 2 3 4 5; do
  isoctl spawn -f shell.yaml --name "brief-$round" -- /bin/echo "word $round" >/dev/null
done
for round in 1 2 3 4 5; do
  check "what a tenant printed that lived for a moment is found (round $round)" eventually 20 said "brief-$round" "word $round"
  end_tenant "brief-$round"
done
same 'run'"'"'s output is nobody else'"'"'s: logs refuses' "$(
  sh_run 'sleep 5' --name private &
  eventually 20 is_running private
  status_of isoctl logs private
)" 1
wait
{ sleeping_policy flood && echo 'logs: {rate: 64KiB/s, burst: 128KiB}'; } >flood.yaml
journalctl --rotate >/dev/null 2>&1
isoctl spawn -f flood.yaml -- /bin/sh -c 'yes "a line of the flood, and another one" | head -c 40000000; echo flooded >&2; sleep 600' >/dev/null
isoctl spawn -f shell.yaml --name quiet -- /bin/sh -c 'for n in 1 2 3 4 5 6 7 8 9; do echo "small voice $n"; sleep 1; done; sleep 600' >/dev/null
check 'a neighbour of a flood is heard to its last line' eventually 60 said quiet 'small voice 9'
same 'and has lost none' "$(isoctl logs quiet | grep --count 'small voice')" 9
kept=$(journalctl --quiet --identifier=flood --output=cat | wc --bytes)
between 'of 40 MB of flood, no more than rate and burst allow is kept (KiB)' $((kept / 1024)) 100 8000
check 'and the loss is told' eventually 30 said flood 'dropped [0-9]+ bytes'
end_tenant flood quiet

echo 'admission'
total=$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
{ sleeping_policy large | sed "s/32MiB/$((total - 356))MiB/"; } >large.yaml
check 'a tenant that leaves the host its reserve is admitted' isoctl spawn -f large.yaml
same 'one that would take more than what is left is refused' \
  "$(sleeping_policy more | sed 's/32MiB/200MiB/' | { status_of isoctl spawn -f -; })" 1
matches 'with what is left, and what would allow it' "$(<"$CHECK_OUTPUT")" '(99|100) MiB of [0-9]+ MiB.*overcommit'
same 'with its code and its place in JSON' "$(sleeping_policy more | sed 's/32MiB/200MiB/' | isoctl spawn -f - --json 2>&1 |
  jq --raw-output '"\(.code) \(.line)"')" 'admission.memory 3'
end_tenant large
same 'a reservation beyond the machine is refused' "$(
  sleeping_policy more | sed 's/{max: 32MiB}/{min: 3GiB, max: 3GiB}/' | { status_of isoctl spawn -f -; })" 1
check 'what a tenant held is given back at its end' isoctl spawn -f large.yaml
end_tenant large

echo 'others than root'
useradd --groups=isolated --create-home --no-log-init ada
useradd --groups=isolated --no-log-init grace
useradd --no-log-init mallory
mkdir -p /etc/isolated/policies
{ sleeping_policy open && echo 'allow: {groups: [isolated]}'; } >/etc/isolated/policies/open.yaml
{ sleeping_policy free && echo 'allow: {users: [ada], command_override: true}'; } >/etc/isolated/policies/free.yaml
sleeping_policy shut >/etc/isolated/policies/shut.yaml
as() { runuser --user="$1" -- "${@:2}"; }
same 'who is not in the group cannot reach the daemon' "$(status_of as mallory isoctl ps)" 1
matches 'and is told why' "$(<"$CHECK_OUTPUT")" 'EACCES|ermission'
same 'a member may spawn a policy that allows it' "$(as ada isoctl spawn open --name adas 2>&1)" adas
same 'it is theirs' "$(tenant_json adas | jq .owner)" "$(id --user ada)"
same 'it does not run as them, or as root' "$(stat --format=%u "/proc/$(payload_of adas)")" \
  $((65534 + $(isoctl inspect adas --json | jq .idRange.first)))
same 'a member may not spawn one that allows nobody' "$(status_of as ada isoctl spawn shut)" 1
matches 'and is told why' "$(<"$CHECK_OUTPUT")" 'does not allow'
same 'nor one that names somebody else' "$(status_of as grace isoctl spawn free)" 1
same 'nor a policy of their own' "$(as ada bash -c 'printf "tenant: own\ncommand: [/bin/id]\nmemory: {max: 8MiB}\n" | isoctl spawn -f - ' 2>&1 |
  grep --count 'installed policies only')" 1
same 'nor another command' "$(status_of as ada isoctl run open --name other -- /bin/id)" 125
same 'nor another environment' "$(status_of as ada isoctl run open --name other -e A=b)" 125
matches 'but where the policy lets them' "$(as ada isoctl run free -- /usr/bin/id -u 2>&1)" '^65534$'
same 'a member sees their own tenants' "$(as ada isoctl ps --json | jq --raw-output '.tenants[].name')" adas
same 'and nobody else'"'"'s' "$(as grace isoctl ps --json | jq '.tenants | length')" 0
for action in kill stop inspect logs wait forget; do
  same "a member cannot $action the tenant of another" "$(status_of as grace timeout 10 isoctl $action adas)" 1
done
check 'it still runs' is_running adas
same 'a member may end their own' "$(status_of as ada isoctl stop --grace=1s adas)" 0
same 'and forget it' "$(status_of as ada isoctl forget adas)" 0
same 'a name of root'"'"'s tenant cannot be taken' "$(isoctl spawn shut --name taken >/dev/null && status_of as ada isoctl spawn open --name taken)" 1
end_tenant taken
finish
