#!/bin/bash
# Further commands in running tenants: that each is what the tenant's own command is, and no more; statuses, streams and
# signals; ends of client, tenant and daemon meanwhile; freezing and updates; who may; what is told; that nothing is left.
# lab-timeout: 1200
# Functions run by name (SC2317), and texts for other interpreters are quoted from this one (SC2016).
# shellcheck disable=SC2016,SC2317
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"

clean_up() {
  systemctl start isolated.service
  end_tenants
  rm -rf /etc/isolated/policies/{open,closed}.yaml /srv/beats /run/isolated/tenants/unrecorded.*
  for user in ada grace; do userdel "$user" 2>/dev/null || true; done
}
trap clean_up EXIT

daemon_pid() { systemctl show --property=MainPID --value isolated.service; }
is_back() { [[ $(daemon_pid) != 0 && $(daemon_pid) != "$1" ]] && systemctl --quiet is-active isolated.service && isoctl ps >/dev/null 2>&1; }
# Of the namespaces in stock there are more or fewer.
descriptors_of() { find "/proc/$1/fd" -type l -printf '%l\n' | grep --count --invert-match '^\(user\|net\):'; }
members_of() { wc --lines <"$(group_of "$1")/cgroup.procs"; }
has_members() { [[ $(members_of "$1") == "$2" ]]; }
# await PID : waits for a child, whose status is in $ended then
await() {
  ended=0
  wait "$1" || ended=$?
}

cat >plain.yaml <<'P'
tenant: plain
command: [/bin/sleep, infinity]
memory: {max: 64MiB}
pids: {max: 40}
P
# Not the defaults, in everything that a command has to be given too.
cat >captain.yaml <<'P'
tenant: captain
command: [/bin/sleep, infinity]
user: root
capabilities: [CAP_NET_BIND_SERVICE, CAP_CHOWN]
memory: {max: 64MiB}
pids: {max: 40}
umask: "0027"
directory: /tmp
environment: {COLOUR: blue}
hostname: bridge
namespaces: {time: {monotonic: 1h, boottime: 2h}}
rlimits: {nofile: {soft: 300, hard: 400}, core: 0}
P
cat >hosts.yaml <<'P'
tenant: hosts
command: [/bin/sleep, infinity]
memory: {max: 64MiB}
network: {mode: host}
P

echo 'the same as the tenant'"'"'s own command'
# what_it_is : what a process in a tenant says of itself; the fields that differ between any two processes are left out
what_it_is='
  sed --quiet "/^\(Uid\|Gid\|Groups\|Cap.*\|NoNewPrivs\|Seccomp\|Seccomp_filters\|Umask\|CoreDumping\|THP_enabled\|Cpus_allowed\|Mems_allowed\|SigBlk\|SigIgn\|NStgid\):/p" /proc/self/status |
    sed "/^NStgid/s/[0-9].*/-/"
  for kind in cgroup ipc mnt net pid time user uts; do readlink /proc/self/ns/$kind; done
  cat /proc/self/cgroup /proc/self/mountinfo /proc/self/limits /proc/self/oom_score_adj
  env | sort; pwd; hostname 2>/dev/null || cat /proc/sys/kernel/hostname
  ls -l /proc/self/cwd /proc/self/root | sed "s/.*-> //"; umask'
for policy in plain captain hosts; do
  isoctl spawn -f "$policy.yaml" --name "$policy-own" -- /bin/sh -c "($what_it_is) >/tmp/own 2>&1; exec sleep infinity" >/dev/null
  eventually 20 isoctl exec "$policy-own" -- /bin/sh -c 'test "$(cat /proc/2/comm)" = sleep' || fails "$policy-own starts"
  isoctl exec "$policy-own" -- /bin/sh -c "$what_it_is" >"$policy.exec" 2>&1 || true
  isoctl exec "$policy-own" -- /bin/cat /tmp/own >"$policy.own" 2>&1 || true
  check "a command in $policy tells of itself" test -s "$policy.exec"
  same "a command in $policy is what the tenant's own is" "$(<"$policy.exec")" "$(<"$policy.own")"
  end_tenant "$policy-own"
done

isoctl spawn -f plain.yaml >/dev/null
isoctl spawn -f captain.yaml >/dev/null
same 'time: a command'"'"'s clocks are the tenant'"'"'s' \
  "$(isoctl exec captain -- /bin/sh -c 'read -r up _ </proc/uptime; echo $((${up%.*} > 7200))')" 1
settled=$(descriptors_of "$(daemon_pid)")
same 'it has the three standard streams and nothing else' \
  "$(isoctl exec plain -- /bin/ls /proc/self/fd | tr '\n' ' ')" '0 1 2 3 ' # the last is the directory that ls reads
same 'it is a session and a process group of its own' \
  "$(isoctl exec plain -- /bin/sh -c 'read -r _ _ _ _ group session _ </proc/$$/stat; [ $group = $$ ] && [ $session = $$ ] && echo own')" own
same 'the tenant sees it as a process without a parent there' \
  "$(isoctl exec plain -- /bin/sh -c 'echo $PPID')" 0
same 'it sees the tenant'"'"'s processes and no others' \
  "$(isoctl exec plain -- /bin/sh -c 'set -- /proc/[0-9]*; echo $#')" 3
isoctl exec plain -- /bin/sleep 60 &
client=$!
eventually 20 eval 'pgrep --full "^/bin/sleep 60$" >/dev/null' || true
inside=$(pgrep --full '^/bin/sleep 60$' | head --lines=1)
same 'it is in the tenant'"'"'s group' "$(cut --delimiter=: --fields=3 "/proc/$inside/cgroup")" "$(group_of plain | sed 's,^/sys/fs/cgroup,,')"
kill -TERM $client
await $client
same 'SIGTERM to isoctl ends it, whose status comes back' "$ended" 143
check 'and nothing of it is left in the group' eventually 10 has_members plain 2

echo 'statuses, streams, options'
for status in 0 1 64 125 255; do
  same "exec returns the status $status" "$(status_of isoctl exec plain -- /bin/sh -c "exit $status")" "$status"
done
same 'exec returns 137 for a command that SIGKILL ends' "$(status_of isoctl exec plain -- /bin/sh -c 'kill -KILL $$')" 137
same 'exec returns 127 for a command that does not exist' "$(status_of isoctl exec plain -- no-such-program)" 127
matches 'and says so' "$(<"$CHECK_OUTPUT")" 'no-such-program.*ENOENT'
same 'exec returns 126 for a file that is no program' "$(status_of isoctl exec plain -- /etc/passwd)" 126
same 'exec returns 125 for a tenant that there is not' "$(status_of isoctl exec nobody -- /bin/true)" 125
matches 'and says so' "$(<"$CHECK_OUTPUT")" "no tenant 'nobody'"
same 'exec returns 125 for a wrong command line' "$(status_of isoctl exec plain)" 125
head --bytes=3000000 /dev/urandom >sent
same 'three megabytes pass unharmed' "$(isoctl exec -i plain -- /bin/cat <sent | sha256sum)" "$(sha256sum <sent)"
same 'without -i its input is empty' "$(echo x | isoctl exec plain -- /bin/cat)" ''
isoctl exec plain -- /bin/sh -c 'echo out; echo err >&2' >streams.out 2>streams.err
same 'standard output and standard error stay apart' "$(<streams.out) $(<streams.err)" 'out err'
same 'a variable arrives, and the tenant'"'"'s own are there' \
  "$(isoctl exec -e SHAPE='a square' captain -- /bin/sh -c 'echo "$SHAPE $COLOUR"')" 'a square blue'
same 'a variable can replace the tenant'"'"'s' "$(isoctl exec -e COLOUR=red captain -- /bin/sh -c 'echo $COLOUR')" red
same 'a working directory' "$(isoctl exec -w /usr/lib plain -- /bin/pwd)" /usr/lib
same 'one that does not exist is an error' "$(status_of isoctl exec -w /no/such plain -- /bin/pwd)" 125
matches 'and says so' "$(<"$CHECK_OUTPUT")" 'working directory.*ENOENT'
same 'one that is not absolute too' "$(status_of isoctl exec -w usr plain -- /bin/pwd)" 125
same 'a descriptor is no way out of the root' "$(status_of isoctl exec -w /proc/self/fd/3 plain -- /bin/pwd)" 125
same 'a directory is no standard stream' "$(status_of isoctl exec -i plain -- /bin/ls </)" 125
matches 'and isoctl says why' "$(<"$CHECK_OUTPUT")" 'standard input is a directory.*outside of its root'
same 'the same for run' "$(status_of isoctl run -f plain.yaml --name other -- /bin/ls </)" 125
same 'another user, by name' "$(isoctl exec --user daemon plain -- /usr/bin/id -un)" daemon
same 'another user, by number, with a group' "$(isoctl exec --user 33:8 plain -- /bin/sh -c 'echo $(id -u) $(id -g)')" '33 8'
same 'with that user'"'"'s home' "$(isoctl exec --user www-data plain -- /bin/sh -c 'echo $HOME $USER')" '/var/www www-data'
same 'root in a tenant without capabilities has none' \
  "$(isoctl exec --user root plain -- /bin/sh -c 'id -u; grep CapEff /proc/self/status | cut -f 2')" $'0\n0000000000000000'
same 'another user keeps the policy'"'"'s capabilities' \
  "$(isoctl exec --user daemon captain -- /bin/sh -c 'grep "Cap[PE]" /proc/self/status | cut -f 2 | sort -u')" 0000000000000401
same 'an unknown user is an error' "$(status_of isoctl exec --user nonesuch plain -- /bin/true)" 125

echo 'signals and hang-ups'
for signal in TERM INT HUP USR1 QUIT WINCH; do
  env --default-signal isoctl exec plain -- /bin/sh -c \
    "trap 'echo got $signal; exit 3' $signal; echo ready; while :; do sleep 0.1; done" >"got.$signal" 2>&1 &
  client=$!
  eventually 20 grep --quiet ready "got.$signal" || true
  # The command may be at work before isoctl has heard that it is.
  sleep 1
  kill -"$signal" $client
  await $client
  same "SIG$signal to isoctl reaches the command" "$ended $(tail --lines=1 "got.$signal")" "3 got $signal"
done
isoctl exec plain -- /bin/sleep 61 &
client=$!
eventually 20 has_members plain 4 || true
kill -KILL $client
check 'when isoctl is killed, the command ends' eventually 10 has_members plain 2
isoctl exec plain -- /bin/sh -c 'trap "" HUP TERM; echo deaf; while :; do sleep 0.1; done' >deaf.out &
client=$!
eventually 20 grep --quiet deaf deaf.out || true
kill -KILL $client
check 'also one that ignores what may be ignored, ten seconds later' eventually 30 has_members plain 2
isoctl exec plain -- /bin/sh -c 'sleep 62 & echo started' >background.out
same 'what a command leaves running stays, as the tenant'"'"'s' "$(<background.out) $(members_of plain)" 'started 3'
same 'and PID 1 is its parent now' "$(isoctl exec plain -- /bin/sh -c 'grep -al "^sleep.62" /proc/[0-9]*/cmdline 2>/dev/null | cut -d / -f 3 |
  while read -r pid; do grep PPid /proc/$pid/status | cut -f 2; done' | head --lines=1)" 1
pkill --full '^sleep 62$' || true
check 'which reaps it' eventually 10 has_members plain 2

echo 'a daemon that goes'
daemon=$(daemon_pid)
isoctl exec -i plain -- /bin/sh -c 'echo hello; read -r line; echo "got $line"; exit 9' \
  < <(sleep 25; echo 'a word after all that') >attended.out 2>attended.err &
client=$!
eventually 20 grep --quiet hello attended.out || fails 'a command starts' "$(cat attended.err)"
sleep 1
kill -KILL "$daemon"
check 'systemd brings the daemon back' eventually 60 is_back "$daemon"
await $client
same 'a command runs on under the next daemon, and its client learns how it ended' "$ended $(<attended.out)" $'9 hello\ngot a word after all that'
same 'without a word of complaint' "$(<attended.err)" ''
same 'the next daemon sends commands into tenants that it has not started' \
  "$(isoctl exec captain -- /bin/sh -c 'echo $COLOUR; umask; ulimit -n')" $'blue\n0027\n300'
check 'and reaps them' eventually 10 has_members plain 2

echo 'tenants that end, stand still, or are full'
isoctl spawn -f plain.yaml --name brief -- /bin/sh -c 'sleep 15; exit 0' >/dev/null
same 'a command ends with its tenant' "$(status_of isoctl exec brief -- /bin/sleep 63)" 137
check 'the tenant'"'"'s end is told' eventually 20 has_ended brief
same 'a tenant that has ended takes no command' "$(status_of isoctl exec brief -- /bin/true)" 125
matches 'and isoctl says why' "$(<"$CHECK_OUTPUT")" 'does not run'
end_tenant brief
isoctl spawn -f plain.yaml --name deaf -- /bin/sh -c 'trap "" TERM; while :; do sleep 0.1; done' >/dev/null
isoctl exec deaf -- /bin/sleep 64 &
client=$!
eventually 20 eval '(( $(members_of deaf) > 4 ))' || true
isoctl stop --grace=15s deaf >/dev/null &
stopper=$!
eventually 10 eval '[[ $(tenant_state deaf) == stopping ]]' || true
same 'a tenant that is being stopped takes no command' "$(status_of isoctl exec deaf -- /bin/true)" 125
matches 'and isoctl says why' "$(<"$CHECK_OUTPUT")" 'being stopped'
await $client
same 'one that was there is killed with it' "$ended" 137
wait $stopper
end_tenant deaf
isoctl freeze plain
same 'a frozen tenant takes no command' "$(status_of timeout 20 isoctl exec plain -- /bin/true)" 125
matches 'and isoctl says why, and how to go on' "$(<"$CHECK_OUTPUT")" 'is frozen.*isoctl thaw plain'
isoctl thaw plain
same 'a thawed one does' "$(status_of isoctl exec plain -- /bin/true)" 0
frozen=$(group_of plain)
echo 1 >"$frozen/cgroup.freeze"
check 'a tenant is frozen' eventually 10 grep --quiet 'frozen 1' "$frozen/cgroup.events"
same 'one that somebody else has frozen neither' "$(status_of timeout 20 isoctl exec plain -- /bin/true)" 125
matches 'and isoctl says why' "$(<"$CHECK_OUTPUT")" 'is frozen'
echo 0 >"$frozen/cgroup.freeze"
same 'until it is thawed' "$(status_of isoctl exec plain -- /bin/true)" 0

mkdir -p /srv/beats
chown 65534:65534 /srv/beats
sleeping_policy beat 'root: {writable: [/srv/beats]}' 'pids: {max: 30}' | isoctl spawn -f - >/dev/null
beats() { wc --bytes </srv/beats/n; }
isoctl exec beat -- /bin/sh -c 'trap "exit 7" TERM; while :; do printf x >>/srv/beats/n; cat /sys/fs/cgroup/pids.max >/srv/beats/max; sleep 0.1; done' &
client=$!
check 'a command counts' eventually 20 test -s /srv/beats/n
check 'its tenant is frozen' isoctl freeze beat
before=$(beats)
sleep 2
same 'the command stands still with it' "$(beats)" "$before"
kill -TERM $client
sleep 1
check 'its signals wait' kill -0 $client
isoctl thaw beat
await $client
same 'and reach it when it is thawed' "$ended" 7
isoctl exec beat -- /bin/sh -c 'while :; do cat /sys/fs/cgroup/pids.max >/srv/beats/max; sleep 0.1; done' &
client=$!
check 'a command runs under its tenant'"'"'s limits' eventually 20 grep --quiet '^30$' /srv/beats/max
isoctl update beat --pids-max 25 >/dev/null
check 'and under changed ones, while it runs' eventually 20 grep --quiet '^25$' /srv/beats/max
kill -KILL $client
isoctl exec beat -- /bin/sleep 65 &
client=$!
eventually 20 eval '(( $(members_of beat) >= 4 ))' || true
isoctl freeze beat
kill -KILL $client
isoctl stop --grace=20s beat >/dev/null
check 'a frozen tenant ends with the commands in it' eventually 20 has_ended beat
isoctl forget beat
isoctl spawn -f plain.yaml --name full -- /bin/sh -c 'n=0; while [ $n -lt 38 ]; do sleep 1000 & n=$((n + 1)); done; wait' >/dev/null
check 'a tenant fills its group' eventually 60 eval '(( $(members_of full) >= 40 ))'
same 'a full tenant takes no command' "$(status_of isoctl exec full -- /bin/true)" 125
matches 'and isoctl says why, and how to mend it' "$(<"$CHECK_OUTPUT")" 'EAGAIN.*pids'
same 'meanwhile the others are served' "$(status_of isoctl exec plain -- /bin/true)" 0
end_tenant full

echo 'others than root'
useradd --groups=isolated --no-log-init ada
useradd --groups=isolated --no-log-init grace
mkdir -p /etc/isolated/policies
{ sleeping_policy open && echo 'allow: {groups: [isolated], command_override: true}'; } >/etc/isolated/policies/open.yaml
{ sleeping_policy closed && echo 'allow: {groups: [isolated]}'; } >/etc/isolated/policies/closed.yaml
as() { runuser --user="$1" -- "${@:2}"; }
as ada isoctl spawn open >/dev/null
as ada isoctl spawn closed >/dev/null
same 'a member may in their own tenant, where the policy lets them choose the command' "$(as ada isoctl exec open -- /usr/bin/id -u)" 65534
same 'not where it does not' "$(status_of as ada isoctl exec closed -- /usr/bin/id)" 125
matches 'and is told why' "$(<"$CHECK_OUTPUT")" 'command_override'
{ sleeping_policy open && echo 'allow: {groups: [isolated]}'; } >taken.yaml
{ sleeping_policy closed && echo 'allow: {groups: [isolated], command_override: true}'; } >given.yaml
isoctl update open -f taken.yaml >/dev/null
isoctl update closed -f given.yaml >/dev/null
same 'an update that takes the leave away counts at once' "$(status_of as ada isoctl exec open -- /usr/bin/id)" 125
same 'so does one that gives it' "$(as ada isoctl exec closed -- /usr/bin/id -u)" 65534
isoctl update open -f /etc/isolated/policies/open.yaml >/dev/null
same 'not as another user' "$(status_of as ada isoctl exec --user root open -- /usr/bin/id)" 125
same 'not in the tenant of another' "$(status_of as grace isoctl exec open -- /usr/bin/id)" 125
check 'each is in the audit trail' eventually 10 eval 'grep --quiet "^exec of open with the program /usr/bin/id by user $(id --user ada).*: done" <(journalctl --quiet --identifier=isolated-audit --output=cat)'
check 'refusals too' eventually 10 eval 'grep --quiet "^exec of closed .*: denied" <(journalctl --quiet --identifier=isolated-audit --output=cat)'
end_tenant open closed

echo 'what is told'
isoctl exec -e TOKEN=hunter2 plain -- /bin/true hunter2
told=$(timeout 12 isoctl events --json --since 1min plain || true)
same 'a command is an event, with its name and who has sent it in' "$(jq --raw-output 'select(.event == "entered") | .text' <<<"$told" | tail --lines=1)" 'true, by user 0'
same 'and without its arguments and variables' "$(grep --count hunter2 <<<"$told" || true)" 0

echo 'a start that is cut off'
# Where the daemon wants to put the record of a tenant whose PID 1 is there already.
mkdir /run/isolated/tenants/unrecorded.json
same 'a tenant that can not be recorded does not start' "$(status_of isoctl spawn -f plain.yaml --name unrecorded)" 1
matches 'and isoctl says why' "$(<"$CHECK_OUTPUT")" 'unrecorded\.json.*EISDIR'
check 'no zombie is left of it' eventually 10 eval '[[ -z $(pgrep --runstates Z) ]]'
rm -rf /run/isolated/tenants/unrecorded.*

echo 'two hundred commands'
daemon=$(daemon_pid)
before=$(ps --no-headers --ppid 2 -p 2 --deselect | wc --lines)
settled=$(descriptors_of "$daemon")
failures=0
for ((round = 0; round < 50; round++)); do
  clients=()
  while ((${#clients[@]} < 4)); do
    isoctl exec plain -- /bin/true &
    clients+=($!)
  done
  for client in "${clients[@]}"; do wait "$client" || failures=$((failures + 1)); done
done
same 'all of them run' $failures 0
check 'nothing of them is left in the group' eventually 20 has_members plain 2
between 'the daemon has no more descriptors than before' "$(descriptors_of "$daemon")" 1 $((settled + 2))
check 'there is no zombie' eventually 10 eval '[[ -z $(pgrep --runstates Z) ]]'
between 'there are no more processes than before' "$(ps --no-headers --ppid 2 -p 2 --deselect | wc --lines)" 1 $((before + 6))

finish
