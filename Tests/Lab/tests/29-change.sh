#!/bin/bash
# Running tenants are frozen, changed and watched: what is asked takes effect at once, what is refused or cut off leaves
# everything as it was, and nobody who looks on slowly holds up anybody.
# lab-disks: d1:iops=800,size=2G
# lab-timeout: 900
# Functions run by name (SC2317), and texts for other interpreters are quoted from this one (SC2016).
# shellcheck disable=SC2016,SC2317
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"

state=/run/isolated/tenants
kept=/var/lib/isolated/io
listener=
clean_up() {
  [[ -z $listener ]] || kill "$listener" 2>/dev/null || true
  end_tenants
  eventually 10 umount /srv/d1 2>/dev/null || true
  rmdir /srv/d1 2>/dev/null || true
  rm -rf "$kept" /srv/beats
}
trap clean_up EXIT
mkdir -p /srv/beats
chown 65534:65534 /srv/beats

as_other() { setpriv --reuid=65534 --regid=isolated --clear-groups "$@"; }
main_pid() { systemctl show --property=MainPID --value isolated.service; }
replaced() { [[ $(main_pid) != 0 && $(main_pid) != "$1" ]] && timeout 60 isoctl ps >/dev/null 2>&1; }
file() { cat "$TENANTS_UNIT/$1/$2"; }
# all NAME : every file that a limit is in
all() {
  local limit
  for limit in cpu.weight cpu.idle cpu.max cpu.max.burst cpuset.cpus memory.min memory.low memory.high memory.max \
    memory.swap.max memory.oom.group pids.max io.max; do
    printf '%s %s\n' "$limit" "$(file "$1" $limit)"
  done
}
# refused SENTENCE REGEX ARGUMENT... : `isoctl update t` refuses, says why, and leaves all as it was
refused() {
  local sentence=$1 regex=$2 before
  shift 2
  before=$(all t; jq --compact-output '[.source, .limits, .undo]' $state/t.json)
  same "$sentence is refused" "$(status_of isoctl update t "$@")" 1
  matches 'and it says why' "$(<"$CHECK_OUTPUT")" "$regex"
  same 'and all is as it was' "$(all t; jq --compact-output '[.source, .limits, .undo]' $state/t.json)" "$before"
}
updated() {
  local sentence=$1
  shift
  check "$sentence" isoctl update t "$@"
}

echo 'freezing'
beats() { wc --bytes </srv/beats/n; }
sleeping_policy beat 'root: {base: host, writable: [/srv/beats]}' 'stop: {grace: 20s}' |
  isoctl spawn -f - -- /bin/sh -c 'trap "exit 7" TERM; while :; do printf x >>/srv/beats/n; sleep 0.05; done' >/dev/null
check 'a tenant counts' eventually 20 test -s /srv/beats/n
check 'it is frozen' isoctl freeze beat
same 'ps says so' "$(tenant_state beat)" frozen
same 'so does the kernel' "$(file beat cgroup.events | grep frozen)" 'frozen 1'
before=$(beats)
sleep 2
same 'it counts no more' "$(beats)" "$before"
check 'freezing it again is as good' isoctl freeze beat
daemon=$(main_pid)
kill -KILL "$daemon"
check 'a killed daemon comes back' eventually 60 replaced "$daemon"
same 'and finds it frozen' "$(tenant_state beat) $(beats)" "frozen $before"
matches 'inspect says so too' "$(isoctl inspect beat)" 'State +frozen'
check 'it is thawed' isoctl thaw beat
same 'and runs' "$(tenant_state beat)" running
counts_on() { (($(beats) > before)); }
check 'and counts on' eventually 20 counts_on
isoctl freeze beat
matches 'a frozen tenant that is stopped hears its signal' "$(isoctl stop beat)" 'beat exited 7'
isoctl forget beat
sleeping_policy cold | isoctl spawn -f - >/dev/null
isoctl freeze cold
check 'a frozen tenant can be killed' isoctl kill -s KILL cold
check 'and has ended' eventually 20 has_ended cold
same 'one that has ended is not frozen' "$(status_of isoctl freeze cold)" 1
matches 'for that reason' "$(<"$CHECK_OUTPUT")" 'does not run'
isoctl forget cold
for number in 1 2 3; do sleeping_policy many-$number | isoctl spawn -f - >/dev/null; done
same 'many are frozen, and one that there is not keeps no other from it' "$(status_of isoctl freeze many-1 nobody many-2)" 1
same 'they are' "$(tenant_state many-1) $(tenant_state many-2) $(tenant_state many-3)" 'frozen frozen running'
end_tenant many-1 many-2 many-3

echo 'changing'
sleeping_policy t 'root: {base: host, tmpfs: [{path: /m, size: 200MiB}]}' | isoctl spawn -f - >/dev/null
updated 'every limit is changed at once' --memory-max 96MiB --memory-high 80MiB --memory-low 2MiB --memory-min 1MiB \
  --memory-swap 1MiB --cpu-max 60% --cpu-weight 321 --cpus 0 --pids-max 33 --set cpu.burst=5ms --set memory.oom_group=false
same 'and the kernel has it' "$(all t)" "cpu.weight 321
cpu.idle 0
cpu.max 60000 100000
cpu.max.burst 5000
cpuset.cpus 0
memory.min 1048576
memory.low 2097152
memory.high 83886080
memory.max 100663296
memory.swap.max 1048576
memory.oom.group 0
pids.max 33
io.max "
same 'ps has it' "$(tenant_json t | jq --compact-output '[.memoryMaxBytes, .pidsMax]')" '[100663296,33]'
same 'inspect has it' "$(isoctl inspect t --json | jq --raw-output '.tenant // . | .limits[] | select(.file == "pids.max") | .asked + " " + .kernel')" '33 33'
daemon=$(main_pid)
kill -KILL "$daemon"
eventually 60 replaced "$daemon"
same 'a restarted daemon has it' "$(tenant_json t | jq --compact-output '[.memoryMaxBytes, .pidsMax]')" '[100663296,33]'
updated 'and goes on from there' --cpu-max none --set cpu.burst=none --cpus none --memory-high none --set cpu.idle=true --cpu-weight none
same 'what is taken away is the kernel'\''s default' "$(file t cpu.max) $(file t cpu.max.burst) [$(file t cpuset.cpus)] $(file t memory.high) $(file t cpu.idle)" "max 100000 0 [$(</sys/devices/system/cpu/online)] max 1"
updated 'an idle tenant gets a weight again' --set cpu.idle=none --cpu-weight 77
same 'and has it' "$(file t cpu.idle) $(file t cpu.weight)" '0 77'
before=$(all t)
check 'a dry run tells' isoctl update t --memory-max 1GiB --dry-run
matches 'what would change' "$(isoctl update t --memory-max 1GiB --dry-run)" 'WOULD CHANGE.*memory.max +100663296 +1073741824'
same 'and changes nothing' "$(all t)" "$before"

echo 'taking effect'
pid=$(payload_of t)
# in_tenant COMMAND... : in the tenant's group, where its limits count
in_tenant() { bash -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$TENANTS_UNIT/t" "$@"; }
hoard='x = bytearray(60 << 20); print(len(x))'
updated 'with little memory' --memory-max 40MiB --memory-high none --memory-low none --memory-min none --set memory.oom_group=false
same 'much can'\''t be had' "$(status_of in_tenant python3 -c "$hoard")" 137
updated 'with more' --memory-max 128MiB
same 'it can' "$(in_tenant python3 -c "$hoard")" 62914560
updated 'with few processes' --pids-max 4
matches 'no more can start' "$(in_tenant bash -c 'sleep 1 & sleep 1 & sleep 1 & sleep 1 & sleep 1 & wait' 2>&1 || true)" 'Resource temporarily unavailable'
bash -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$TENANTS_UNIT/t" sleep 30 >/dev/null 2>&1 &
sleeper=$!
eventually 10 grep --quiet "^$sleeper$" "$TENANTS_UNIT/t/cgroup.procs"
matches 'below what there is, it is said' "$(isoctl update t --pids-max 2)" 'warning: 3 processes and threads live on'
check 'and nobody is ended' kill $sleeper
updated 'back' --pids-max 100
used() { sed -n 's/^usage_usec //p' "$TENANTS_UNIT/t/cpu.stat"; }
# burns MILLISECONDS : what a busy loop in the tenant gets of so much time
burns() {
  local first began
  first=$(used) began=$(date +%s%N)
  in_tenant timeout "$(($1 / 1000))" sh -c 'while :; do :; done' || true
  echo $((($(used) - first) * 100000 / ($(date +%s%N) - began)))
}
updated 'a tenth of a processor' --cpu-max 10%
between 'is what it gets, in hundredths' "$(burns 4000)" 5 16
updated 'and more' --cpu-max 80%
between 'is what it gets then' "$(burns 4000)" 40 90
updated 'without a limit again' --cpu-max none
same 'the tenant has lived through it' "$(payload_of t)" "$pid"

echo 'refusing'
refused 'a value without a unit' '--memory-max:1:1: "512" has no unit' --memory-max 512
refused 'a key that there is not' '--set:1:1: unknown key "maxx"' --set memory.maxx=1MiB
refused 'what contradicts the rest' 'memory.min .* is above' --cpu-weight 5 --memory-min 200MiB
refused 'more memory than there is' 'the tenant could have [0-9]+ MiB at most' --pids-max 5 --memory-max 100GiB
refused 'a reservation that can'\''t be kept' '--memory-min:1:1: memory.min of' --memory-min 90GiB --memory-max 100GiB
refused 'what holds from start to end' '--set:1:1: "hostname" can.t change while the tenant runs' --set hostname=x --pids-max 5
refused 'a processor that the machine lacks' 'cpuset.cpus' --memory-max 60MiB --cpu-weight 5 --cpus 4000 --pids-max 7
isoctl policy check <(sleeping_policy t) >/dev/null
sleeping_policy t 'root: {base: host, tmpfs: [{path: /m, size: 200MiB}]}' 'pids: {max: 44}' 'umask: "0022"' >new.yaml
check 'a whole policy takes the place of the tenant'\''s' isoctl update t -f new.yaml
same 'with what it says' "$(file t pids.max) $(file t memory.max) $(file t cpu.weight)" '44 33554432 100'
sed -i 's/infinity/9s/; s/max: 44/max: 45/' new.yaml
refused 'another command' 'new.yaml:2:1: "command" can.t change' -f new.yaml
sleeping_policy t 'root: {base: host, tmpfs: [{path: /m, size: 200MiB}]}' 'umask: "0022"' >new.yaml
updated 'options go before what the file says' -f new.yaml --memory-max 128MiB
same 'and count' "$(file t memory.max)" 134217728
# What lies on a tmpfs is in use: there is no swap to put it.
in_tenant bash -c 'head --bytes=70M /dev/zero >/dev/shm/held'
check 'it is charged' test "$(file t memory.current)" -gt $((60 << 20))
kills=$(counter "$TENANTS_UNIT/t/memory.events" oom_kill)
refused 'less than is in use' 'memory.max of 33554432 bytes is less than the [0-9]+ that the tenant uses' --memory-max 32MiB --cpu-weight 9
same 'and nobody was killed' "$(payload_of t) $(counter "$TENANTS_UNIT/t/memory.events" oom_kill)" "$pid $kills"
rm /dev/shm/held
# The page cache can go.
head --bytes=70M /dev/urandom >/var/tmp/cached
sync
echo 3 >/proc/sys/vm/drop_caches
in_tenant cat /var/tmp/cached >/dev/null
updated 'what can be given back is' --memory-max 32MiB
rm /var/tmp/cached
same 'others than root can'\''t' "$(status_of as_other isoctl update t --pids-max 5)" 1
matches 'for that reason' "$(<"$CHECK_OUTPUT")" 'belongs to another user|only root'

echo 'cut off'
# A daemon that is killed in the middle: at each of its writes to the group or to the record.
undone=0 done=0
updated 'from a known state' --memory-max 64MiB --pids-max 50 --cpu-weight 100 --memory-high 60MiB
for step in 1 2 3 4 5 6 7 8 9 10; do
  before=$(all t)
  daemon=$(main_pid)
  strace -f -qq -o /dev/null -p "$daemon" -e trace=write,rename,openat -e "inject=write,rename,openat:signal=KILL:when=$((step * 7 % 53 + 3))" &
  tracer=$!
  eventually 20 grep --quiet "TracerPid:.*$tracer" "/proc/$daemon/status" || true
  new=$((100 + step))
  timeout 60 isoctl update t --cpu-weight $new --pids-max $new --memory-high $((60 + step))MiB --memory-max $((80 + step))MiB --set cpu.idle=none >/dev/null 2>&1 || true
  kill -KILL "$daemon" 2>/dev/null || true
  wait $tracer 2>/dev/null || true
  eventually 60 replaced "$daemon" || fails "step $step: the daemon is back"
  after=$(all t)
  wanted=$(sed "s/^cpu.weight .*/cpu.weight $new/; s/^pids.max .*/pids.max $new/; s/^memory.high .*/memory.high $(((60 + step) << 20))/; s/^memory.max .*/memory.max $(((80 + step) << 20))/" <<<"$before")
  if [[ $after == "$before" ]]; then
    undone=$((undone + 1))
  elif [[ $after == "$wanted" ]]; then
    done=$((done + 1))
  else
    fails "step $step: all of the change or nothing" "before: $before" "after: $after"
  fi
  same "step $step: the record agrees with the group" "$(jq --raw-output '.limits[] | select(.file == "pids.max") | .text' $state/t.json) $(jq .undo $state/t.json)" "$(file t pids.max) null"
  check "step $step: it can be changed again" isoctl update t --set stop.grace=$((step))s
done
pass "of 10 changes under a daemon that was killed, $undone were undone and $done made"
same 'the tenant has felt nothing' "$(payload_of t) $(tenant_state t)" "$pid running"
# Halfway on purpose: the record of a change that was begun.
before=$(all t)
systemctl stop isolated.socket isolated.service
jq --compact-output 'del(.sum) | .undo = [{file: "pids.max", text: "50"}, {file: "cpu.weight", text: "88"}]' $state/t.json >undone
cp undone $state/t.json
systemctl start isolated.service
same 'a change that was begun is undone' "$(file t pids.max) $(file t cpu.weight) $(jq .undo $state/t.json)" '50 88 null'
journalctl --sync
matches 'and the audit trail says so' "$(journalctl --identifier=isolated-audit --no-pager --output=cat --since=-2min)" 'undo of t: done reason=update'
matches 'as it does of updates' "$(journalctl --identifier=isolated-audit --no-pager --output=cat --since=-10min)" 'update of t by user 0 .*: done changed='
end_tenant t

echo 'disks'
mkfs.ext4 -q /dev/disk/by-id/d1
mkdir -p /srv/d1
mount /dev/disk/by-id/d1 /srv/d1
name=$(basename "$(readlink --canonicalize /dev/disk/by-id/d1)")
promises() { isoctl inspect "$1" --json | jq --raw-output '.ioPromises // [] | .[]'; }
sleeping_policy t | isoctl spawn -f - >/dev/null
sleeping_policy other 'io: [{device: /srv/d1, weight: 50}]' | isoctl spawn -f - >/dev/null
updated 'a limit is added while it runs' --io /srv/d1:limit.iops=200 --io /srv/d1:weight=300
line() { file t io.max | sed "s/^[0-9:]* //"; }
is_line() { [[ $(line) == "$1" ]]; }
check 'and is in the kernel' eventually 10 is_line 'rbps=max wbps=max riops=200 wiops=200'
matches 'inspect tells' "$(promises t)" "^$name, by /srv/d1: at most 200 read iops and 200 write iops, weight 300$"
updated 'it is loosened' --io /srv/d1:limit.iops=500
check 'and the kernel follows' eventually 10 is_line 'rbps=max wbps=max riops=500 wiops=500'
refused 'a reservation on a disk that was never calibrated' '--io:1:1: .*never calibrated' --io /srv/d1:reservation.iops=100 --pids-max 5
check 'it is measured' isoctl io calibrate /srv/d1 --save
updated 'now it may have one' --io /srv/d1:reservation.iops=200
matches 'which inspect tells' "$(promises t)" '200 iops reserved, at most 500 read iops and 500 write iops, weight 300'
refused 'more than the disk does' 'reservation.*need|could have' --io /srv/d1:limit=none --io /srv/d1:reservation.iops=5000 --pids-max 5
fitting=$(sed -n 's/.*t could have \([0-9]*\) iops.*/\1/p' "$CHECK_OUTPUT" | head --lines=1)
between 'what would fit is named' "$fitting" 200 780
updated 'and fits' --io /srv/d1:limit=none --io "/srv/d1:reservation.iops=$fitting"
same 'a neighbour can'\''t have it as well' "$(status_of isoctl update other --io /srv/d1:reservation.iops=200)" 1
updated 'it takes less' --io /srv/d1:reservation.iops=100
check 'now the neighbour can' isoctl update other --io /srv/d1:reservation.iops=200
weight_of() { isoctl io top --json | jq --arg name "$1" '.disks[].tenants[] | select(.name == $name) | .weight'; }
is_weight() { [[ $(weight_of t) == "$1" ]]; }
updated 'another weight' --io /srv/d1:weight=900
check 'is the scheduler'\''s at once' eventually 10 is_weight 900
daemon=$(main_pid)
kill -KILL "$daemon"
eventually 60 replaced "$daemon"
matches 'a restarted daemon keeps the promises' "$(promises t)" '100 iops reserved, weight 900'
updated 'all is taken away' --io /srv/d1:none
same 'and gone' "$(promises t)" ''
check 'from the kernel too, but for its part as a neighbour' eventually 10 bash -c '! grep --quiet "riops=500" "$0"' "$TENANTS_UNIT/t/io.max"
end_tenant t other

echo 'events'
isoctl events --json >events.json 2>events.err &
listener=$!
check 'a listener listens' eventually 20 grep --quiet listening events.json
sleeping_policy life 'cpu: {max: 90%}' 'pids: {max: 5}' 'memory: {max: 40MiB, high: 30MiB}' | grep --invert-match 'max: 32MiB' >life.yaml
isoctl spawn -f life.yaml -- /bin/sh -c 'trap "exit 9" TERM; sleep infinity & wait' >/dev/null
isoctl freeze life
isoctl thaw life
isoctl update life --memory-max 60MiB >/dev/null
bash -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$TENANTS_UNIT/life" bash -c 'sleep 1 & sleep 1 & sleep 1 & sleep 1 & sleep 1 & wait' >/dev/null 2>&1 || true
check 'a refused fork is told' eventually 20 grep --quiet pids.max events.json
(bash -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$TENANTS_UNIT/life" timeout 5 python3 -c 'x = bytearray(35 << 20)' >/dev/null 2>&1 || true) &
check 'so is memory.high' eventually 30 grep --quiet memory.high events.json
wait $! || true
isoctl stop life >/dev/null
check 'the end is told' eventually 20 grep --quiet '"event":"exited"' events.json
same 'a life is told in its order' \
  "$(jq --raw-output 'select(.tenant == "life") | .event' events.json | grep --invert-match limit | tr '\n' ' ')" \
  'spawned ready frozen thawed updated exited '
same 'the exit with its status' "$(jq 'select(.event == "exited") | .exit.status' events.json)" 9
check 'and with what it has used' jq --exit-status 'select(.event == "exited") | .usage | .cpuUsec > 1000 and .memoryPeakBytes > 1000000 and .lifetimeUsec > 1000000 and .ioReadBytes >= 0' events.json
matches 'the update with what has changed' "$(jq --raw-output 'select(.event == "updated") | .text' events.json)" 'memory.max: 41943040 -> 62914560'
isoctl forget life
sleeping_policy doomed | isoctl spawn -f - -- /usr/bin/python3 -c 'import time; time.sleep(2); x = bytearray(60 << 20)' >/dev/null
check 'an OOM kill is told' eventually 30 grep --quiet '"tenant":"doomed".*"event":"exited"\|"event":"exited".*"tenant":"doomed"' events.json
same 'before the end that it brings' "$(jq --raw-output 'select(.tenant == "doomed") | .event' events.json | grep --invert-match limit | uniq | tr '\n' ' ')" 'spawned ready oom exited '
isoctl forget doomed
matches 'what has happened can be asked for later' "$(timeout 12 isoctl events doomed --since 10min || true)" 'doomed oom.*doomed exited: oom-killed'
matches 'varlinkctl reads the stream' "$(timeout 12 stdbuf --output=0 varlinkctl --more call /run/isolated/io.isolated io.isolated.Events '{"tenants":["doomed"],"sinceUsec":0}' || true)" 'listening.*spawned.*exited'
# Root's tenants are nobody else's business.
sleeping_policy secret | isoctl spawn -f - >/dev/null
same 'others hear nothing of root'\''s tenants' \
  "$(as_other timeout 12 isoctl events --json --since 1h | jq --raw-output .event | tr '\n' ' ' || true)" 'listening '
end_tenant secret

echo 'a flood, and slow readers'
memory() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$(main_pid)/status"; }
cat >slow.py <<'P'
import json, socket, sys, time
readers = []
for _ in range(50):
    reader = socket.socket(socket.AF_UNIX)
    reader.connect("/run/isolated/io.isolated")
    reader.sendall(b'{"method":"io.isolated.Events","parameters":{},"more":true}\0')
    readers.append(reader)
print("listening", flush=True)
sys.stdin.readline()
told = lost = ended = 0
for reader in readers:
    reader.settimeout(1)
    rest = b""
    try:
        while piece := reader.recv(1 << 16):
            rest += piece
        ended += 1
    except TimeoutError:
        pass
    for frame in rest.split(b"\0"):
        if not frame:
            continue
        event = json.loads(frame)["parameters"]["event"]
        if event["event"] == "lost":
            lost += event["count"]
        else:
            told += 1
print(told, lost, ended)
P
mkfifo go
exec 9<>go
python3 slow.py <go >slow.out 2>&1 &
slow=$!
eventually 20 grep --quiet listening slow.out
sleeping_policy flood | isoctl spawn -f - >/dev/null
before=$(memory)
cat >flood.py <<'P'
import socket
daemon = socket.socket(socket.AF_UNIX)
daemon.connect("/run/isolated/io.isolated")
for number in range(3000):
    for method in ("Freeze", "Thaw"):
        daemon.sendall(b'{"method":"io.isolated.%s","parameters":{"name":"flood"}}\0' % method.encode())
        answer = b""
        while not answer.endswith(b"\0"):
            answer += daemon.recv(4096)
        assert b"error" not in answer, answer
P
SECONDS=0
check 'six thousand events' python3 flood.py
echo "      in ${SECONDS} s, with 50 readers who don't read"
check 'a quick listener has all of them' eventually 30 bash -c '(($(grep --count "\"tenant\":\"flood\"" events.json) >= 6002))'
same 'and none was lost to it' "$(grep --count '"lost"' events.json || true)" 0
between 'the daemon has not grown by much, in KiB' "$(($(memory) - before))" -20000 40000
echo >&9
wait $slow || true
read -r told lost ended < <(tail --lines=1 slow.out)
same 'every event was told to the slow, or counted as lost' "$((told - 50 + lost)) $ended" "$((50 * 6002)) 0"
check 'and some were lost' test "$lost" -gt 0
kill $listener
listener=
end_tenant flood

echo 'top'
sleeping_policy busy 'cpu: {max: 30%}' | isoctl spawn -f - -- /bin/sh -c 'while :; do :; done' >/dev/null
sleeping_policy quiet | isoctl spawn -f - >/dev/null
isoctl freeze quiet
top=$(isoctl top --json --interval 3s)
between 'a busy tenant has its share' "$(jq '.tenants[] | select(.name == "busy") | .cpuPercent | floor' <<<"$top")" 15 60
check 'and is throttled' test "$(jq '.tenants[] | select(.name == "busy") | .throttledPercent | floor' <<<"$top")" -gt 30
same 'a frozen one is frozen' "$(jq --raw-output '.tenants[] | select(.name == "quiet") | .state' <<<"$top")" frozen
same 'the busiest comes first' "$(isoctl top --once | sed -n '3s/ .*//p')" busy
same 'or the first by name, backwards' "$(isoctl top --sort name --reverse | sed -n '3s/ .*//p')" quiet
end_tenant busy quiet
finish
