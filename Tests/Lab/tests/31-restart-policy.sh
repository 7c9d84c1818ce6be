#!/bin/bash
# What `restart` of a policy promises: who is started again, when, how often, and what stays of a tenant meanwhile.
# lab-disks: quota:size=512M
# lab-timeout: 1500
# Functions run by name (SC2317), and texts for other interpreters are quoted from this one (SC2016).
# shellcheck disable=SC2016,SC2317
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"
# shellcheck source=Tests/Lab/lib/journal.sh
. "$LAB/lib/journal.sh"
# shellcheck source=Tests/Lab/lib/traces.sh
. "$LAB/lib/traces.sh"

installed=/etc/isolated/tenants.d
store=/etc/isolated/secrets
listener=
clean_up() {
  systemctl start isolated.service
  [[ -z $listener ]] || kill "$listener" 2>/dev/null || true
  rm -rf "${installed:?}"/* /srv/vanishing /srv/notes "$store/rotated"
  end_tenants
  eventually 10 umount /srv/quota 2>/dev/null || true
  rmdir /srv/quota 2>/dev/null || true
}
trap clean_up EXIT

daemon_pid() { systemctl show --property=MainPID --value isolated.service; }
is_back() { [[ $(daemon_pid) != 0 && $(daemon_pid) != "$1" ]] && isoctl ps >/dev/null 2>&1; }
is_backing_off() { [[ $(tenant_state "$1") == backing-off ]]; }
restart_of() { isoctl inspect "$1" --json | jq --raw-output ".restart.$2"; }
has_restarted() { (($(restart_of "$1" total) >= $2)); }
lines_of() { wc --lines <"/srv/notes/$1" 2>/dev/null || echo 0; }
has_lines() { (($(lines_of "$1") >= $2)); }
file_of() { cat "$TENANTS_UNIT/$1/$2"; }
# listen NAME : its events go to the file heard from now on, until stop_listening
is_told() { grep --quiet "\"$1\"" heard; }
listen() {
  isoctl events --json "$1" >heard 2>/dev/null &
  listener=$!
  eventually 30 is_told listening
}
stop_listening() { kill "$listener"; wait "$listener" 2>/dev/null || true; listener=; }
events_of() { jq --raw-output .event heard | tr '\n' ' '; }
journal() { journal_after "$since" --unit=isolated.service; }
since=$(journal_end)

mkdir /srv/notes
chown 65534:65534 /srv/notes
# noting NAME COMMAND LINE... : a policy whose command leaves a line in /srv/notes/NAME and goes on with COMMAND
noting() {
  printf 'tenant: %s\ncommand: [/bin/sh, -c, "echo up >>/srv/notes/%s; %s"]\nmemory: {max: 32MiB}\nroot: {writable: [/srv/notes]}\n' "$1" "$1" "$2"
  printf '%s\n' "${@:3}"
}
end_tenants
# What the daemon keeps from its first tenant, its first wait and its first device filter on is no trace of later ones.
noting warm 'exit 1' 'restart: {on: failure, backoff: 50ms, limit: 1}' | isoctl spawn -f - >/dev/null
isoctl wait warm >/dev/null 2>&1 || true
end_tenant warm
rm -f /srv/notes/*
take_traces before
# nothing_left : all is as it was, but for the daemon itself: its runtime opens timers as it needs them, a few
of_tenants() { grep --invert-match '^daemon\|^descriptor\|started$'; }
nothing_left() { diff <(of_tenants <before) <(traces | LC_ALL=C sort | of_tenants); }

echo 'a loop of crashes'
noting loop 'exit 7' 'restart: {on: failure, backoff: 100ms..400ms, limit: 4}' | isoctl spawn -f - >/dev/null
same 'wait answers once it has ended for good, with the last status' "$(status_of isoctl wait loop)" 7
same 'it ran once and was started again as often as the limit says' "$(lines_of loop)" 5
same 'inspect tells the count, the limit, and that it is over' "$(isoctl inspect loop --json |
  jq --compact-output '.restart | [.total, .inARow, .limit, .hasGivenUp, .lastExit.status, .nextStartUsec]')" '[4,4,4,true,7,null]'
same 'ps has its last end' "$(tenant_json loop | jq --compact-output '[.state, .exit.status, .restarts]')" '["ended",7,4]'
# What the daemon has decided on is compared, not when anything happened.
mapfile -t waits < <(journal | sed -n 's/^backing off.*milliseconds=\([0-9]*\).*tenant=loop$/\1/p')
same 'it waited four times' "${#waits[@]}" 4
between 'first about the first time' "${waits[0]}" 100 110
between 'then twice as long' "${waits[1]}" 200 220
between 'then the longest' "${waits[2]}" 400 440
between 'and no longer than that' "${waits[3]}" 400 440
matches 'the log tells that it gave up' "$(journal)" 'gave up restarting a tenant.*tenant=loop'
matches 'so does the audit trail' "$(journalctl ISOLATED_ACTION=give-up ISOLATED_TENANT=loop --output=cat)" 'give-up of loop'
same 'each restart is in it' "$(journalctl ISOLATED_ACTION=restart ISOLATED_TENANT=loop ISOLATED_RESULT=done --output=cat | wc --lines)" 4
same 'its group is gone' "$(find "$TENANTS_UNIT" -mindepth 1 -type d ! -name supervisor)" ''
end_tenant loop

echo 'who is started again'
for condition in never failure always; do
  for status in 0 3; do
    name=$condition-$status
    noting "$name" "exit $status" "restart: {on: $condition, backoff: 50ms, limit: 2}" | isoctl spawn -f - >/dev/null
    isoctl wait "$name" >/dev/null 2>&1 || true
    expected=1
    [[ $condition == always || ($condition == failure && $status == 3) ]] && expected=3
    same "on $condition, status $status: $expected runs" "$(lines_of "$name")" $expected
    end_tenant "$name"
  done
done
noting killed 'sleep 600' 'restart: {on: failure, backoff: 50ms}' | isoctl spawn -f - >/dev/null
range=$(isoctl inspect killed --json | jq .idRange.first)
first=$(first_process killed)
check 'a tenant is at work' eventually 30 has_lines killed 1
kill -KILL "$first"
check 'a tenant whose PID 1 was killed is started again' eventually 30 has_restarted killed 1
check 'and runs' eventually 30 is_running killed
same 'as another process with the same ids' "$(isoctl inspect killed --json | jq .idRange.first)" "$range"
check 'the old one has gone' not test -d "/proc/$first"
check 'it is at work again' eventually 30 has_lines killed 2
isoctl kill -s KILL killed
check 'kill is a failure like others while it runs' eventually 30 has_restarted killed 2
check 'and it runs once more' eventually 30 is_running killed
same 'inspect still knows how it ended' "$(restart_of killed lastExit.cause)" killed
check 'and has got to its work' eventually 30 has_lines killed 3
matches 'inspect says so to people' "$(isoctl inspect killed)" 'Restarts +on failure: 2 so far.*Last end +killed'
isoctl stop killed >/dev/null
check 'stop ends it for good' has_ended killed
sleep 1
same 'and nothing starts it' "$(lines_of killed)" 3
end_tenant killed
noting hungry 'tail /dev/zero' 'restart: {on: failure, backoff: 50ms, limit: 1}' | isoctl spawn -f - >/dev/null
isoctl wait hungry >/dev/null 2>&1 || true
same 'an out-of-memory kill counts as a failure' "$(lines_of hungry) $(restart_of hungry lastExit.cause)" '2 oom-killed'
end_tenant hungry
same 'what runs in the foreground ends with its client, and is not started again' \
  "$(noting attended 'exit 5' 'restart: {on: always, backoff: 50ms}' | status_of isoctl run -f -)" 5
same 'it ran once' "$(lines_of attended)" 1
noting well 'sleep 1; exit 1' 'restart: {on: failure, backoff: 50ms, limit: 1, reset_after: 500ms}' | isoctl spawn -f - >/dev/null
check 'having run for long enough starts the count anew' eventually 60 has_restarted well 3
same 'so the limit is never reached' "$(restart_of well hasGivenUp)" false
end_tenant well

echo 'what is told of it'
listen told
noting told 'exit 1' 'restart: {on: failure, backoff: 50ms, limit: 2}' | isoctl spawn -f - >/dev/null
isoctl wait told >/dev/null 2>&1 || true
check 'the end of it all is told' eventually 20 is_told 'is not started again: given up after 2 restarts in a row'
stop_listening
same 'who listens hears of each end and each start' "$(events_of)" \
  'listening spawned ready exited restarted ready exited restarted ready exited '
same 'with the count in its row' "$(jq 'select(.event == "restarted") | .count' heard | tr '\n' ' ')" '1 2 '
matches 'and what follows from an end' "$(jq --raw-output 'select(.event == "exited") | .text' heard | head --lines=1)" \
  '^is started again in 0\.[01]s$'
same 'each life with its own use' "$(jq 'select(.event == "exited") | .usage.lifetimeUsec > 0 and .exit.status == 1' heard | sort --unique)" true
end_tenant told

echo 'what was changed while it ran'
noting changed 'sleep 600' 'cpu: {weight: 200}' 'restart: {on: failure, backoff: 50ms}' | isoctl spawn -f - >/dev/null
isoctl update changed --memory-max 48MiB --cpu-weight 300 --set cpu.max=70% --pids-max 40 >/dev/null
isoctl kill -s KILL changed
check 'a changed tenant is started again' eventually 30 has_restarted changed 1
check 'and runs' eventually 30 is_running changed
same 'with its changed limits' "$(file_of changed memory.max) $(file_of changed cpu.weight) $(file_of changed cpu.max) $(file_of changed pids.max)" \
  "$((48 << 20)) 300 70000 100000 40"
same 'which inspect shows' "$(isoctl inspect changed --json | jq --raw-output '.limits[] | select(.file == "memory.max") | .asked')" $((48 << 20))
isoctl update changed --cpu-weight 400 >/dev/null
daemon=$(daemon_pid)
kill -KILL "$daemon"
check 'a killed daemon comes back' eventually 60 is_back "$daemon"
isoctl kill -s KILL changed
check 'the tenant is started again' eventually 30 has_restarted changed 2
check 'and runs' eventually 30 is_running changed
same 'with all of its changes' "$(file_of changed memory.max) $(file_of changed cpu.weight)" "$((48 << 20)) 400"
noting changed 'sleep 600' 'cpu: {weight: 250}' 'restart: {on: failure, backoff: 50ms, limit: 3}' >changed.yaml
isoctl update changed -f changed.yaml >/dev/null
isoctl kill -s KILL changed
check 'one that got another policy is started again' eventually 30 has_restarted changed 3
check 'and runs' eventually 30 is_running changed
same 'by that' "$(file_of changed memory.max) $(file_of changed cpu.weight) $(restart_of changed limit)" "$((32 << 20)) 250 3"
matches 'its rule changes too' "$(isoctl update changed --set restart.on=never)" 'restart +on failure, backoff .* never$'
isoctl kill -s KILL changed
check 'and then nothing starts it again' eventually 30 has_ended changed
end_tenant changed
noting changed 'sleep 600' | isoctl spawn -f - >/dev/null
isoctl update changed --set restart.on=always --set restart.backoff=50ms >/dev/null
isoctl kill -s KILL changed
check 'one that was given a rule while it ran is started again' eventually 30 has_restarted changed 1
isoctl stop changed >/dev/null
check 'until somebody stops it' has_ended changed
end_tenant changed
noting racing 'sleep 600' 'restart: {on: failure, backoff: 50ms}' | isoctl spawn -f - >/dev/null
accepted=100
for round in {1..8}; do
  isoctl kill -s KILL racing >/dev/null 2>&1 &
  killer=$!
  isoctl update racing --cpu-weight $((100 + round)) >/dev/null 2>&1 && accepted=$((100 + round))
  wait $killer || true
  eventually 30 is_running racing || fails "round $round: it runs again"
done
has_weight() { is_running racing && [[ $(file_of racing cpu.weight) == "$accepted" ]]; }
check "however ends and changes meet, what was accepted holds ($accepted)" eventually 30 has_weight
for round in 1 2 3; do
  isoctl update racing --set restart.on=always --set "restart.limit=$((10 + round))" >/dev/null 2>&1 &
  changer=$!
  isoctl stop --grace=0ms racing >/dev/null
  wait $changer || true
  runs=$(lines_of racing)
  sleep 0.5
  same "a stop in the middle of a change of its restarts is for good (round $round)" "$(tenant_state racing) $(lines_of racing)" "ended $runs"
  isoctl forget racing
  noting racing 'sleep 600' 'restart: {on: failure, backoff: 50ms}' | isoctl spawn -f - >/dev/null
done
end_tenant racing
rm -f /srv/notes/*

echo 'frozen tenants'
noting cold 'sleep 600' 'restart: {on: failure, backoff: 50ms}' | isoctl spawn -f - >/dev/null
isoctl freeze cold
same 'a frozen tenant is frozen' "$(tenant_state cold)" frozen
isoctl kill -s KILL cold
check 'when it is killed, it is started again' eventually 30 has_restarted cold 1
check 'and runs' eventually 30 is_running cold
same 'not frozen' "$(file_of cold cgroup.freeze)" 0
isoctl freeze cold
isoctl stop cold >/dev/null
check 'a frozen one that is stopped has ended for good' has_ended cold
end_tenant cold

echo 'what is asked of a tenant that is backing off'
sleepy() { noting "$1" 'exit 1' 'restart: {on: failure, backoff: 1h}' | isoctl spawn -f - >/dev/null && eventually 30 is_backing_off "$1"; }
check 'a tenant backs off for an hour' sleepy waiting
matches 'ps tells how long' "$(isoctl ps)" 'waiting +backing-off (59m|1h0)'
check 'and when, in JSON' test "$(tenant_json waiting | jq '.nextStartUsec / 1000000 | floor')" -gt "$(($(date +%s) + 3000))"
same 'it has no process and no group' "$(isoctl inspect waiting --json | jq --compact-output '[.summary.pid, .namespaces, .mounts]')" '[null,{},[]]'
same 'its name is taken' "$(sleeping_policy waiting | status_of isoctl spawn -f -)" 1
matches 'by one that is backing off' "$(<"$CHECK_OUTPUT")" "'waiting' is backing off"
same 'a signal that asks for no end has nobody to go to' "$(status_of isoctl kill -s HUP waiting)" 1
same 'there is nothing to freeze' "$(status_of isoctl freeze waiting)" 1
matches 'and it says why' "$(<"$CHECK_OUTPUT")" 'its state is backing-off'
same 'nor to change' "$(status_of isoctl update waiting --memory-max 48MiB)" 1
matches 'and it says so' "$(<"$CHECK_OUTPUT")" 'its state is backing-off'
check 'it waits on' is_backing_off waiting
listen waiting
total=$(awk '/MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
same 'its memory is not sold to others' "$(sleeping_policy greedy | sed "s/32MiB/$((total - 256 - 16))MiB/" | status_of isoctl spawn -f -)" 1
(isoctl wait waiting >waited 2>&1 || true) &
waiter=$!
isoctl stop waiting >/dev/null
check 'stop ends it for good' has_ended waiting
wait $waiter
matches 'and whoever waited is told how it last ended' "$(<waited)" 'waiting exited 1'
check 'who listens hears it' eventually 20 is_told stopped
stop_listening
end_tenant waiting
check 'another one' sleepy waiting
check 'kill ends it for good' isoctl kill -s TERM waiting
check 'at once' has_ended waiting
end_tenant waiting
check 'another one' sleepy waiting
check 'forget drops it for good' isoctl forget waiting
check 'nothing is known of it' is_unknown waiting
rm -f /srv/notes/*

echo 'starts that fail'
mkdir -p /srv/vanishing
chown 65534:65534 /srv/vanishing
noting rootless 'sleep 1; exit 1' 'restart: {on: failure, backoff: 200ms, limit: 3}' |
  sed 's|writable: \[/srv/notes\]|writable: [/srv/notes, /srv/vanishing]|' | isoctl spawn -f - >/dev/null
rm -r /srv/vanishing
isoctl wait rootless >"$CHECK_OUTPUT" 2>&1 || true
matches 'each failing start counts as a try, until there were too many' "$(tenant_json rootless | jq --compact-output '[.state, .exit.cause, .restarts]')" '\["ended","start-failed",3\]'
matches 'inspect says why' "$(restart_of rootless failure)" '/srv/vanishing.*ENOENT|ENOENT.*/srv/vanishing'
matches 'also to people' "$(isoctl inspect rootless)" 'Last start +.*/srv/vanishing'
same 'and how it last ended where it ran' "$(restart_of rootless lastExit.status)" 1
end_tenant rootless
rm -f /srv/notes/*
check 'nothing is left of all that' eventually 30 nothing_left

echo 'the daemon is killed meanwhile'
noting patient 'exit 1' 'restart: {on: failure, backoff: 1h, limit: 5}' | isoctl spawn -f - >/dev/null
check 'a tenant backs off for an hour' eventually 30 is_backing_off patient
next=$(tenant_json patient | jq .nextStartUsec)
daemon=$(daemon_pid)
kill -KILL "$daemon"
check 'the daemon is back' eventually 60 is_back "$daemon"
check 'the tenant still backs off' is_backing_off patient
between 'it waits for the same moment as before' $(($(tenant_json patient | jq .nextStartUsec) - next)) -500000 500000
same 'with the same count' "$(restart_of patient inARow)" 1
end_tenant patient
noting steadfast 'exit 1' 'restart: {on: failure, backoff: 500ms..4s, limit: 5}' | isoctl spawn -f - >/dev/null
for count in 2 3 4; do
  check "it is at its restart $count" eventually 60 has_restarted steadfast $((count - 1))
  daemon=$(daemon_pid)
  kill -KILL "$daemon"
  eventually 60 is_back "$daemon" || fails 'the daemon is back'
done
isoctl wait steadfast >/dev/null 2>&1 || true
same 'over three kills it is given up after as many restarts as without' "$(restart_of steadfast inARow) $(restart_of steadfast hasGivenUp)" '5 true'
end_tenant steadfast
noting during 'sleep 600' 'restart: {on: always, backoff: 50ms}' | isoctl spawn -f - >/dev/null
first=$(first_process during)
systemctl stop isolated.socket isolated.service
kill -KILL "$first"
check 'a tenant ends while there is no daemon' eventually 20 not test -d "/proc/$first"
systemctl start isolated.service
check 'the next one starts it again' eventually 60 has_restarted during 1
check 'and it runs' eventually 30 is_running during
for round in 1 2 3; do
  daemon=$(daemon_pid)
  isoctl kill -s KILL during
  sleep "0.0$((round * 3))"
  kill -KILL "$daemon"
  eventually 60 is_back "$daemon" || fails "round $round: the daemon is back"
  check "killed in the middle of a restart, it runs again (round $round)" eventually 60 is_running during
done
same 'as one tenant in one group' "$(find "$TENANTS_UNIT" -mindepth 1 -type d ! -name supervisor | wc --lines)" 1
end_tenant during
noting deaf 'trap : TERM; echo deaf >>/srv/notes/deafened; while :; do sleep 0.1; done' 'restart: {on: always, backoff: 50ms}' | isoctl spawn -f - >/dev/null
check 'a tenant does not hear' eventually 30 has_lines deafened 1
(isoctl stop --grace=1h deaf >/dev/null 2>&1 || true) &
stopper=$!
is_stopping() { [[ $(tenant_state deaf) == stopping ]]; }
check 'a tenant is being stopped' eventually 20 is_stopping
daemon=$(daemon_pid)
kill -KILL "$daemon"
check 'the daemon is back' eventually 60 is_back "$daemon"
wait $stopper
kill -KILL "$(first_process deaf)"
check 'a stop that an earlier daemon was asked for is for good' eventually 20 has_ended deaf
sleep 1
same 'nothing starts it' "$(lines_of deaf)" 1
end_tenant deaf
rm -f /srv/notes/*

echo 'the wall around each run'
mkfs.ext4 -q -O quota,project -E quotatype=prjquota /dev/disk/by-id/quota
mkdir -p /srv/quota
mount -o prjquota /dev/disk/by-id/quota /srv/quota
install --directory --owner=65534 --group=65534 /srv/quota/a /srv/quota/notes
install --directory --mode=0700 "$store"
printf one >"$store/rotated"
chmod 0600 "$store/rotated"
# Waits for its gate; notes its secret, its host name, the keys of earlier runs, and how much of its disk is left.
cat >/srv/quota/notes/walled.py <<'PYTHON'
import ctypes, os, time
number = len(os.listdir("/data"))
while not os.path.exists(f"/srv/notes/gate-{number}"):
    time.sleep(0.1)
libc = ctypes.CDLL(None, use_errno=True)
add_key, keyctl = {"x86_64": (248, 250), "aarch64": (217, 219)}[os.uname().machine]
def search(ring):
    found = libc.syscall(ctypes.c_long(keyctl), 10, ctypes.c_long(ring), b"user", b"left", 0)
    return "found" if found >= 0 else os.strerror(ctypes.get_errno())
keys = [search(-3), search(-4)]
kept = [libc.syscall(ctypes.c_long(add_key), b"user", b"left", b"behind", 6, ctypes.c_long(ring)) >= 0 for ring in (-3, -4)]
written = 0
with open(f"/data/{number}", "wb", buffering=0) as file:
    try:
        while written < 64:
            file.write(bytes(1 << 20))
            written += 1
    except OSError as error:
        why = os.strerror(error.errno)
    os.truncate(file.fileno(), 4 << 20)
with open("/srv/notes/walled", "a") as notes:
    print(open("/run/secrets/rotated").read(), open("/etc/hostname").read().strip(), *keys, *kept, why, written, sep="|", file=notes)
raise SystemExit(1)
PYTHON
cat >walled.yaml <<YAML
tenant: walled
command: [/usr/bin/python3, /srv/notes/walled.py]
memory: {max: 128MiB}
root: {writable: [{path: /srv/notes, source: /srv/quota/notes}, {path: /data, source: /srv/quota/a}]}
secrets: [$store/rotated]
disk: {max: 16MiB}
seccomp: {allow: [keyctl, add_key]}
restart: {on: failure, backoff: 50ms, limit: 2}
YAML
isoctl spawn -f walled.yaml >/dev/null
# Its bound counts directories and notes besides, a block each.
missing='Required key not available|Required key not available|True|True|Disk quota exceeded'
for run in 1 2 3; do
  check "run $run of a tenant with secrets, keys and a bound on its disk runs" eventually 60 is_running walled
  same "it has one file system of secrets (run $run)" "$(grep --count ' ramfs ' "/proc/$(first_process walled)/mountinfo")" 1
  case $run in
    1) secret=one ;;
    2) secret=two ;;
    3) secret=three ;;
  esac
  # The next one comes up with what the file says by then.
  [[ $run == 1 ]] && printf two >"$store/rotated"
  [[ $run == 2 ]] && printf three >"$store/rotated"
  touch "/srv/quota/notes/gate-$((run - 1))"
  if ((run < 3)); then
    check 'it is started again' eventually 60 has_restarted walled "$run"
  else
    isoctl wait walled >/dev/null 2>&1 || true
  fi
  line=$(sed --quiet "${run}p" /srv/quota/notes/walled)
  matches "the secret, no keys of the run before, and the bound on what all runs left (run $run)" "$line" \
    "^$secret\|walled\|${missing//|/\\|}\|"
  between "MiB that were left of its disk (run $run)" "${line##*|}" $((15 - 4 * (run - 1))) $((16 - 4 * (run - 1)))
done
same 'its secrets are gone with it' "$(grep --no-filename ' ramfs ' /proc/[0-9]*/mountinfo 2>/dev/null | grep -c secrets || true)" 0
end_tenant walled
eventually 10 umount /srv/quota
rmdir /srv/quota
rm -f /srv/notes/*

echo 'health'
cat >/srv/notes/server.py <<'PYTHON'
import os, socket, sys, threading, time
mode = sys.argv[1]
server = socket.create_server(("127.0.0.1", 8080), backlog=8)
open("/srv/notes/" + sys.argv[2], "a").write("up\n")
def serve(client):
    if mode == "mute":
        time.sleep(3600)
    request = client.recv(4096)
    if mode == "endless":
        while True:
            client.sendall(b"HTTP" * 16384)
    if mode == "slow":
        for byte in b"HTTP/1.1 200 OK\r\n":
            client.sendall(bytes([byte]))
            time.sleep(1)
    right = request.startswith(b"GET /deep?a=1 HTTP/1.1\r\n") and not os.path.exists("/srv/notes/sick")
    client.sendall(b"HTTP/1.1 204 fine\r\n\r\n" if right else b"HTTP/1.1 503 sick\r\n\r\n")
    client.close()
while mode != "deaf":
    client, _ = server.accept()
    threading.Thread(target=serve, args=(client,), daemon=True).start()
time.sleep(3600)
PYTHON
# serving NAME MODE LINE... : a policy of a server that behaves so
serving() {
  printf 'tenant: %s\ncommand: [/usr/bin/python3, /srv/notes/server.py, %s, %s]\nmemory: {max: 128MiB}\nroot: {writable: [/srv/notes]}\nstop: {grace: 1s}\n' "$1" "$2" "$1"
  printf '%s\n' "${@:3}"
}
health_of() { tenant_json "$1" | jq --raw-output .health; }
has_health() { [[ $(health_of "$1") == "$2" ]]; }
page='http: {port: 8080, path: "/deep?a=1", status: 204}'
quick='start_period: 15s, interval: 500ms, timeout: 10s, retries: 2'
hasty='start_period: 1s, interval: 500ms, timeout: 2s, retries: 2, action: report'
listen right
serving right good "health: {$page, $quick}" 'restart: {on: failure, backoff: 100ms, limit: 3}' | isoctl spawn -f - >/dev/null
check 'a server that answers as asked becomes healthy' eventually 60 has_health right healthy
matches 'inspect tells what is checked' "$(isoctl inspect right)" 'Health +healthy \(http 8080/deep\?a=1\)'
matches 'ps tells it' "$(isoctl ps)" 'right +running \(healthy\)'
serving port good "health: {tcp: 8080, $hasty}" | isoctl spawn -f - >/dev/null
check 'a port that somebody listens on is healthy' eventually 60 has_health port healthy
sleeping_policy nobody "health: {tcp: 8080, $hasty}" | isoctl spawn -f - >/dev/null
check 'one that nobody listens on is not' eventually 60 has_health nobody unhealthy
matches 'inspect says why' "$(isoctl inspect nobody)" 'Last check +no connection: ECONNREFUSED'
check 'and it is only reported' is_running nobody
for mode in mute endless slow deaf; do
  serving "is-$mode" $mode "health: {$page, $hasty}" | isoctl spawn -f - >/dev/null
done
for mode in mute endless slow deaf; do
  check "a hostile server ($mode) fails its own check" eventually 90 has_health "is-$mode" unhealthy
done
check 'and nobody else'"'"'s' has_health right healthy
same 'the healthy one was never started again' "$(restart_of right total)" 0
end_tenant is-mute is-endless is-slow is-deaf nobody port
check 'no probe of theirs is left' eventually 20 not pgrep --full '^tenant-init probe'
touch /srv/notes/sick
check 'one that turns unhealthy is started again by its restart policy' eventually 90 has_restarted right 1
matches 'the log says so' "$(journal)" 'unhealthy.*tenant=right'
matches 'and why' "$(journal)" 'it answered with status 503'
rm /srv/notes/sick
check 'and is healthy afterwards' eventually 60 has_health right healthy
touch /srv/notes/sick
isoctl wait right >/dev/null 2>&1 || true
same 'one that stays so is given up after its limit' "$(restart_of right hasGivenUp) $(lines_of right)" 'true 4'
check 'its end is told' eventually 20 is_told 'is not started again: given up after 3 restarts in a row'
stop_listening
same 'who listens hears when it does its work, and when it does not' "$(events_of)" \
  'listening spawned ready unhealthy exited restarted ready unhealthy exited restarted unhealthy exited restarted unhealthy exited '
matches 'and why' "$(jq --raw-output 'select(.event == "unhealthy") | "\(.count) \(.text)"' heard | head --lines=1)" '^2 it answered with status 503$'
rm /srv/notes/sick
end_tenant right
listen still
serving still good "health: {$page, start_period: 15s, interval: 300ms, timeout: 2s, retries: 3}" 'restart: {on: failure, backoff: 100ms}' |
  isoctl spawn -f - >/dev/null
check 'another one is healthy' eventually 60 has_health still healthy
isoctl freeze still
sleep 8
same 'a frozen one is not looked at' "$(tenant_state still) $(health_of still)" 'frozen healthy'
isoctl thaw still
sleep 3
same 'thawed, it is as healthy as before' "$(tenant_state still) $(health_of still)" 'running healthy'
same 'nothing was told but that' "$(events_of)" 'listening spawned ready frozen thawed '
stop_listening
isoctl freeze still
daemon=$(daemon_pid)
kill -KILL "$daemon"
check 'a killed daemon comes back' eventually 60 is_back "$daemon"
sleep 8
same 'the next one does not look at it either' "$(tenant_state still) $(health_of still)" 'frozen starting'
isoctl thaw still
check 'but does once it is thawed' eventually 60 has_health still healthy
same 'and nobody has started it again' "$(restart_of still total)" 0
matches 'its check can be changed' "$(isoctl update still --set health.http.path=/other --set health.start_period=0s --set health.action=report)" \
  'health +http 8080/deep\?a=1, .* http 8080/other, '
check 'and fails where the new one does' eventually 60 has_health still unhealthy
check 'which is only reported, as it says now' is_running still
isoctl update still --set health.http.path='/deep?a=1' >/dev/null
check 'or passes' eventually 60 has_health still healthy
serving still good 'restart: {on: failure, backoff: 100ms}' >still.yaml
isoctl update still -f still.yaml >/dev/null
same 'without one, nothing is told of its health' "$(health_of still)" null
end_tenant still
serving base good "health: {$page, $quick}" >"$installed/20-base.yaml"
sleeping_policy user 'after: [base]' >"$installed/10-user.yaml"
systemctl stop isolated.socket isolated.service
rm -f /run/isolated/started
since=$(journal_end)
systemctl start isolated.service
check 'who comes after one with a health check runs' eventually 90 is_running user
same 'once that one was healthy' "$(journal | sed -n 's/^\(spawned\|healthy\).*tenant=\([a-z]*\)$/\1 \2/p' | tr '\n' ' ')" 'spawned base healthy base spawned user '
daemon=$(daemon_pid)
kill -KILL "$daemon"
check 'the daemon is back' eventually 60 is_back "$daemon"
check 'and follows the health of those that run' eventually 60 has_health base healthy
rm "$installed"/*.yaml
end_tenants
rm -f /srv/notes/*

echo 'health by a command'
no_process() { ! pgrep --full "^$1\$" >/dev/null; }
has_process() { pgrep --full "^$1\$" >/dev/null; }
members_of() { wc --lines <"$TENANTS_UNIT/$1/cgroup.procs"; }
has_members() { [[ $(members_of "$1") == "$2" ]]; }
reason_of() { isoctl inspect "$1" --json | jq --raw-output .health.reason; }
# checking NAME CHECK OPTIONS LINE... : a policy of a tenant that sleeps, whose check is the shell's command CHECK
checking() {
  printf 'tenant: %s\ncommand: [/bin/sh, -c, "echo up >>/srv/notes/%s; exec sleep infinity"]\nmemory: {max: 64MiB}\n' "$1" "$1"
  printf 'root: {writable: [/srv/notes]}\nstop: {grace: 1s}\nhealth: {command: [/bin/sh, -c, "%s"], %s}\n' "$2" "$3"
  printf '%s\n' "${@:4}"
}
# Looks once and leaves the next look for later: whether it passes or fails is settled then.
once='start_period: 0s, interval: 1h, timeout: 20s, retries: 1, action: report'
listen told
checking told '! test -e /srv/notes/sick || exit 3' 'start_period: 20s, interval: 500ms, timeout: 10s, retries: 2' \
  'restart: {on: failure, backoff: 100ms, limit: 3}' | isoctl spawn -f - >/dev/null
check 'a tenant whose check returns 0 becomes healthy' eventually 60 has_health told healthy
matches 'inspect tells what is checked' "$(isoctl inspect told)" 'Health +healthy \(command /bin/sh\)'
touch /srv/notes/sick
check 'when it returns another status, the tenant is started again by its restart policy' eventually 90 has_restarted told 1
rm /srv/notes/sick
check 'and is healthy afterwards' eventually 60 has_health told healthy
check 'which is told' eventually 20 eval '(($(grep --count "\"ready\"" heard) == 2))'
matches 'the reason is the status' "$(jq --raw-output 'select(.event == "unhealthy") | "\(.count) \(.text)"' heard)" '^2 exited 3$'
stop_listening
same 'who listens hears of its health, and not of each check' "$(events_of)" 'listening spawned ready unhealthy exited restarted ready '
same 'nor is a check in the audit trail' "$(journalctl ISOLATED_ACTION=exec ISOLATED_TENANT=told --output=cat | wc --lines)" 0
end_tenant told

# The same from a check and from exec; the check's own name for itself apart.
facts='id; grep -E \"^(Cap|Seccomp|NoNewPrivs|Groups|Uid|Gid)\" /proc/self/status; cat /proc/self/cgroup; pwd; umask; hostname; readlink /proc/self/ns/*; readlink /proc/self/fd/0 /proc/self/fd/2; env | grep -v ^_ | sort; touch /etc/x 2>&1'
checking same "{ $facts; } >/srv/notes/facts.new 2>/srv/notes/err; mv /srv/notes/facts.new /srv/notes/facts" "$once" \
  'environment: {COLOUR: blue}' 'directory: /tmp' 'umask: "0027"' | isoctl spawn -f - >/dev/null
check 'a check runs in a tenant with a read-only root' eventually 60 has_health same healthy
isoctl exec same -- /bin/sh -c "{ ${facts//\\/}; } >/srv/notes/facts.exec 2>/srv/notes/err" </dev/null >/dev/null 2>&1 || true
sed --in-place 's/^pid:.*//' /srv/notes/facts /srv/notes/facts.exec
same 'as what a command of isoctl exec is' "$(diff <(grep -v '^/dev/null$\|^/srv/notes/err$' /srv/notes/facts) <(grep -v '^/dev/null$\|^/srv/notes/err$' /srv/notes/facts.exec))" ''
matches 'as its user' "$(</srv/notes/facts)" 'uid=65534'
matches 'in its environment' "$(</srv/notes/facts)" 'COLOUR=blue'
matches 'and with no more than it may' "$(</srv/notes/facts)" 'CapEff:\s+0000000000000000.*Read-only file system'
end_tenant same

echo 'checks that fail, and what is left of them'
slow='start_period: 0s, interval: 1h, timeout: 1s, retries: 1, action: report'
checking late 'exec sleep 611' "$slow" | isoctl spawn -f - >/dev/null
checking stubborn "trap '' HUP TERM INT; sleep 612 & (trap '' HUP; sleep 613) & wait" "$slow" | isoctl spawn -f - >/dev/null
checking leaving 'sleep 614 & sleep 615 & exit 0' "$once" | isoctl spawn -f - >/dev/null
checking killed 'kill -KILL $$' "$once" | isoctl spawn -f - >/dev/null
sleeping_policy missing "health: {command: [/bin/no-such-check], $once}" | isoctl spawn -f - >/dev/null
# Takes what room there is, also after a check that was at work meanwhile.
cat >/srv/notes/full.py <<'PYTHON'
import os, time
for _ in range(2):
    while True:
        try:
            if os.fork() == 0:
                os.execv("/bin/sleep", ["sleep", "616"])
            break
        except BlockingIOError:
            time.sleep(0.1)
os.execv("/bin/sleep", ["sleep", "616"])
PYTHON
printf 'tenant: full\ncommand: [/usr/bin/python3, /srv/notes/full.py]\nmemory: {max: 64MiB}\npids: {max: 4}\nroot: {writable: [/srv/notes]}\nhealth: {command: [/bin/true], start_period: 15s, interval: 1s, retries: 1, action: report}\n' |
  isoctl spawn -f - >/dev/null
for name in late stubborn killed missing full; do
  check "the check of '$name' fails" eventually 90 has_health "$name" unhealthy
done
check 'one that leaves others running has passed' eventually 60 has_health leaving healthy
same 'one that takes too long says so' "$(reason_of late) / $(reason_of stubborn)" 'did not end within 1s / did not end within 1s'
same 'one that is killed tells by what' "$(reason_of killed)" 'killed by signal 9'
same 'one whose program is not there too' "$(reason_of missing)" "the command can't be run: ENOENT"
same 'and one that finds no room' "$(reason_of full)" 'no room for the command: EAGAIN'
for name in late stubborn leaving killed missing; do
  check "nothing is left of the check of '$name'" eventually 20 has_members "$name" 2
done
same 'nothing but what it is itself is in the full one' "$(members_of full)" 4
end_tenant late stubborn leaving killed missing full

echo 'ends in the middle of a check'
long='start_period: 0s, interval: 1h, timeout: 1h, retries: 1, action: report'
checking during 'exec sleep 621' "$long" | isoctl spawn -f - >/dev/null
check 'a check is at work' eventually 30 has_process 'sleep 621'
old=$(pgrep --full '^sleep 621$')
daemon=$(daemon_pid)
kill -KILL "$daemon"
check 'it ends with a daemon that is killed' eventually 20 not test -d "/proc/$old"
check 'the daemon is back' eventually 60 is_back "$daemon"
check 'and checks' eventually 30 has_process 'sleep 621'
old=$(pgrep --full '^sleep 621$')
isoctl freeze during
sleep 2
isoctl thaw during
check 'a freeze ends it too, at the latest when it is over' eventually 20 not test -d "/proc/$old"
check 'and another begins' eventually 30 has_process 'sleep 621'
same 'one' "$(pgrep --full --count '^sleep 621$') $(health_of during)" '1 starting'
old=$(pgrep --full '^sleep 621$')
isoctl update during --set health.timeout=59min >/dev/null
check 'a change of the check ends the one that runs' eventually 20 not test -d "/proc/$old"
check 'and begins another' eventually 30 has_process 'sleep 621'
same 'one' "$(pgrep --full --count '^sleep 621$')" 1
checking during 'exec sleep 622' "$long" >during.yaml
check 'the command can be changed' isoctl update during -f during.yaml
check 'then the new one runs' eventually 30 has_process 'sleep 622'
check 'and the old one no longer' eventually 20 no_process 'sleep 621'
isoctl stop during >/dev/null
check 'a stop leaves nothing behind' no_process 'sleep 622'
same 'no group either' "$(find "$TENANTS_UNIT" -mindepth 1 -type d ! -name supervisor)" ''
end_tenant during
printf 'tenant: brief\ncommand: [/bin/sh, -c, "echo up >>/srv/notes/brief; sleep 4"]\nmemory: {max: 64MiB}\nroot: {writable: [/srv/notes]}\nrestart: {on: failure, backoff: 50ms, limit: 2}\nhealth: {command: [/bin/sleep, \"623\"], start_period: 0s, timeout: 1h, retries: 1}\n' |
  isoctl spawn -f - >/dev/null
check 'a tenant ends in the middle of its check' eventually 60 has_ended brief
same 'which is no failure' "$(lines_of brief) $(tenant_json brief | jq .exit.status)" '1 0'
end_tenant brief

echo 'two hundred checks'
rm -f /srv/notes/*
# Descriptors of the daemon; of the namespaces in stock there are more or fewer.
descriptors() { find "/proc/$(daemon_pid)/fd" -type l -printf '%l\n' | grep --count --invert-match '^\(user\|net\):'; }
checking often 'echo >>/srv/notes/count; sleep 624 & exit 0' 'interval: 1h, timeout: 20s, action: report' | isoctl spawn -f - >/dev/null
check 'a first check has run' eventually 60 has_health often healthy
before=$(descriptors)
isoctl update often --set health.interval=100ms >/dev/null
check 'two hundred checks have run' eventually 600 has_lines count 200
isoctl update often --set health.interval=1h >/dev/null
check 'and it is healthy' eventually 60 has_health often healthy
check 'the tenant has no more processes' eventually 20 has_members often 2
between 'the daemon has no more descriptors' $(($(descriptors) - before)) -100 2
end_tenant often
rm -f /srv/notes/*
check 'nothing is left of all that' eventually 30 nothing_left

echo 'terminals and commands over restarts'
# drive OUTPUT COMMAND... : runs a command on a terminal, as the steps on standard input say
drive() { timeout 200 python3 "$LAB/lib/terminal.py" "${@:2}" >"$1" 2>&1 || true; }
last() { tail --lines=1 "$1"; }
noting screen 'tty; while read -r line; do echo \"heard <$line>\"; [ \"$line\" != end ] || exit 6; done' \
  'restart: {on: failure, backoff: 10s}' >screen.yaml
# Whatever an earlier life may have left there.
touch /run/isolated/tenants/screen.attach
isoctl spawn -t -f screen.yaml >/dev/null
drive first.out isoctl attach screen <<'S'
send one\r
expect heard <one>
send end\r
S
same 'who is attached when the tenant ends is told its status' "$(last first.out)" 'status=6 restored=yes'
check 'the tenant backs off' eventually 20 is_backing_off screen
drive none.out isoctl attach screen </dev/null
matches 'and cannot be attached to meanwhile' "$(<none.out)" 'does not run.*status=125'
daemon=$(daemon_pid)
kill -KILL "$daemon"
check 'a killed daemon comes back' eventually 60 is_back "$daemon"
check 'the tenant is started again' eventually 60 has_restarted screen 1
check 'and runs' eventually 30 is_running screen
drive second.out isoctl attach screen <<'S'
size 31 97
send two\r
expect heard <two>
do kill -KILL "$(isoctl ps --json | jq '.tenants[] | select(.name == "screen") | .pid')"
S
same 'on a terminal again; who is attached when its PID 1 is killed is told so' "$(last second.out)" 'status=137 restored=yes'
check 'it is started again' eventually 60 has_restarted screen 2
check 'and runs' eventually 30 is_running screen
drive third.out isoctl attach screen <<'S'
send three\r
expect heard <three>
send \x10\x11
expect detached
S
same 'with another terminal, which can be left too' "$(last third.out)" 'status=0 restored=yes'
end_tenant screen
check 'its socket is gone with it' not test -e /run/isolated/tenants/screen.attach
drive left.out isoctl run -it -f screen.yaml --name left <<'S'
expect /dev/pts/0
send \x10\x11
expect detached
S
isoctl kill -s KILL left
check 'what was run in the foreground, and left, is not started again' eventually 20 has_ended left
end_tenant left

noting entered 'exec sleep 631' 'restart: {on: failure, backoff: 100ms}' | isoctl spawn -f - >/dev/null
(status_of isoctl exec entered -- /bin/sleep 632 >exec.status </dev/null) &
inside=$!
check 'a command was sent into a tenant' eventually 30 has_process '/bin/sleep 632'
isoctl kill -s KILL entered
wait "$inside"
same 'with the tenant it ends' "$(<exec.status)" 137
check 'the tenant is started again' eventually 30 has_restarted entered 1
check 'and runs' eventually 30 is_running entered
check 'without the command' no_process '/bin/sleep 632'
same 'which left nothing in it' "$(members_of entered)" 2
namespaces_inside() { isoctl exec entered -- /bin/sh -c 'readlink /proc/self/ns/pid /proc/self/ns/mnt /proc/self/ns/net; cat /proc/1/comm' </dev/null; }
namespaces_of() { for kind in pid mnt net; do readlink "/proc/$1/ns/$kind"; done; cat "/proc/$1/comm"; }
same 'a further command goes into the present run' "$(namespaces_inside)" "$(namespaces_of "$(first_process entered)")"
daemon=$(daemon_pid)
kill -KILL "$daemon"
check 'a killed daemon comes back' eventually 60 is_back "$daemon"
same 'so does one by way of the next daemon' "$(namespaces_inside)" "$(namespaces_of "$(first_process entered)")"
end_tenant entered
rm -f /srv/notes/*
check 'nothing is left of all that' eventually 30 nothing_left

echo 'tenants.d, and the end of all tenants'
noting steady 'sleep 600' 'restart: {on: always, backoff: 50ms}' >"$installed/steady.yaml"
noting by-hand 'sleep 600' 'restart: {on: always, backoff: 50ms}' | isoctl spawn -f - >/dev/null
systemctl restart isolated.service
check 'what lies in tenants.d runs' eventually 60 is_running steady
isoctl kill -s KILL steady
check 'and is started again as its policy says' eventually 30 has_restarted steady 1
systemctl stop isolated-tenants.service
systemctl start isolated.service
check 'after the end of all tenants, what lies in tenants.d runs' eventually 60 is_running steady
same 'counted from the start' "$(restart_of steady total)" 0
check 'what was spawned by hand stays ended, whatever its policy says' has_ended by-hand
rm "$installed/steady.yaml"
end_tenants

echo 'who comes after whom'
# ordered NAME [AFTER] : a tenant of tenants.d, in a file whose name would start it in the reverse order
ordered() { sleeping_policy "$1" ${2:+"after: [$2]"} >"$installed/$3-$1.yaml"; }
ordered database '' 90
ordered cache database 80
ordered web 'cache, database' 10
ordered lone '' 50
sleeping_policy lost 'after: [nobody]' >"$installed/60-lost.yaml"
sleeping_policy ring-a 'after: [ring-b]' >"$installed/61-ring-a.yaml"
sleeping_policy ring-b 'after: [ring-a]' >"$installed/62-ring-b.yaml"
check 'policy check finds nothing wrong with one file' isoctl policy check "$installed/60-lost.yaml"
same 'of several, it does' "$(status_of isoctl policy check "$installed"/*.yaml)" 1
matches 'a name that nobody has, with its place' "$(<"$CHECK_OUTPUT")" '60-lost.yaml:4:9: lost comes after nobody, and there is no such tenant'
matches 'and a circle' "$(<"$CHECK_OUTPUT")" '61-ring-a.yaml:4:9: .*in a circle: ring-a after ring-b after ring-a'
systemctl stop isolated.socket isolated.service
rm -f /run/isolated/started
since=$(journal_end)
systemctl start isolated.service
check 'the last of the order runs' eventually 60 is_running web
check 'one with a wrong name too' eventually 60 is_running lost
same 'each was started after those that it names, and otherwise in the order of the files' \
  "$(journal | sed -n 's/^spawned.*tenant=//p' | tr '\n' ' ')" 'lone lost database cache web '
matches 'the wrong name is told' "$(journal)" 'wrong order of installed tenants.*60-lost.yaml:4:9: .*nobody'
matches 'so is the circle' "$(journal)" 'in a circle: ring-a after ring-b'
check 'nobody of the circle is started' is_unknown ring-a
matches 'inspect tells whom one comes after' "$(isoctl inspect web)" 'After +cache, database'
same 'stop ends those first that come after it, and says so' "$(isoctl stop cache | sed 's/ after .*//')" 'web signaled SIGTERM
cache signaled SIGTERM'
check 'and nobody else' is_running database
isoctl forget web >/dev/null && isoctl spawn -f "$installed/10-web.yaml" >/dev/null
same 'stop --only ends one only' "$(isoctl stop --only --json database | jq --compact-output '[.exit.signal, .dependants]')" '[15,null]'
check 'those that come after it run on' is_running web
matches 'what was stopped for others is in the audit trail' \
  "$(journalctl --sync; journalctl ISOLATED_ACTION=stop ISOLATED_TENANT=web --output=cat)" 'reason="after cache"'
rm "$installed"/*.yaml
end_tenants
rm -f /srv/notes/*
check 'nothing is left' eventually 30 nothing_left
finish
