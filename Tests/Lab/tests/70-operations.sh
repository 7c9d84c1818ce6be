#!/bin/bash
# The daemon as a service: its socket waits for it, its configuration is read anew or refused as a whole, a loop that hangs
# is noticed, what lies in tenants.d starts once in a boot, and no tenant's flood of output silences another.
# lab-timeout: 400
# Functions run by name (SC2317), and texts for other interpreters are quoted from this one (SC2016).
# shellcheck disable=SC2016,SC2317
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"
# shellcheck source=Tests/Lab/lib/journal.sh
. "$LAB/lib/journal.sh"

configuration=/etc/isolated/isolated.yaml
socket=/run/isolated/io.isolated
installed=/etc/isolated/tenants.d
cp --archive $configuration kept.yaml
clean_up() {
  rm -rf /run/systemd/system/isolated.service.d "${installed:?}"/*
  cp --archive kept.yaml "$configuration"
  systemctl daemon-reload
  systemctl unmask --quiet isolated.socket
  systemctl restart isolated.service
  systemctl enable --quiet isolated.service
  end_tenants
}
trap clean_up EXIT

main_pid() { systemctl show --property=MainPID --value isolated.service; }
active() { systemctl --quiet is-active "$@"; }
property() { systemctl show --property="$1" --value isolated.service; }
replaced() { [[ $(main_pid) != 0 && $(main_pid) != "$1" ]] && active isolated.service; }

echo 'the socket'
systemctl stop isolated.socket isolated.service
systemctl disable --quiet isolated.service isolated.socket
systemctl enable --quiet --now isolated.socket
check 'the socket alone is there' active isolated.socket
check 'and no daemon' not active isolated.service
check 'a first call starts it' timeout 60 isoctl ps
check 'and then it runs' active isolated.service
same 'who may connect is as before' "$(stat --format='%a %U %G' "$socket")" '660 root isolated'
same 'it took the socket over and made none itself' "$(grep --count "$socket\$" /proc/net/unix)" 1
systemctl enable --quiet isolated.service
sleeping_policy steady 'pids: {max: 20}' >steady.yaml
isoctl spawn -f steady.yaml >/dev/null
tenant=$(first_process steady)
same 'no tenant has been handed the socket' "$(find "/proc/$(payload_of steady)/fd" -lname '*socket*' | wc --lines)" 0
for round in 1 2 3; do
  kill -KILL "$(main_pid)"
  check "a call to a daemon that was just killed waits for the next one (round $round)" timeout 60 isoctl ps
done
systemctl restart isolated.service &
refused=0
for _ in {1..30}; do timeout 60 isoctl ps >/dev/null 2>>refusals || refused=$((refused + 1)); done
wait
same 'of thirty calls during a restart none is refused' "$refused" 0
same 'the tenant has lived through it' "$(first_process steady)" "$tenant"
systemctl stop isolated.socket isolated.service
systemctl mask --quiet --runtime isolated.socket
systemctl start isolated.service
check 'without the socket unit, the daemon makes its socket' timeout 60 isoctl ps
systemctl unmask --quiet --runtime isolated.socket
systemctl restart isolated.service
check 'an upgrade from such a daemon has the unit again' active isolated.socket isolated.service
check 'and serves on it' timeout 60 isoctl ps
sed 's|^#socket:.*|socket: /run/isolated/elsewhere|' kept.yaml >"$configuration"
since=$(journal_end)
systemctl restart isolated.service 2>/dev/null || true
matches 'a socket elsewhere than configured is refused, with the mend' "$(journal_after "$since" --unit=isolated.service)" 'bound to another path.*give isolated.socket'
cp --archive kept.yaml "$configuration"
check 'put back, it serves again' timeout 60 isoctl ps
check 'as systemd knows' eventually 20 active isolated.service

echo 'reload'
daemon=$(main_pid)
reloads() { systemctl reload isolated.service; }
set_key() { sed "s|^#$1:.*|$1: $2|" kept.yaml >"$configuration"; }
set_key admission '{tenants: 1}'
check 'a reload succeeds' reloads
same 'what it changed is in force' "$(status_of isoctl spawn -f steady.yaml --name second)" 1
matches 'and refuses by the new number' "$(<"$CHECK_OUTPUT")" '1 tenants run, which is the most'
printf 'admision: {tenants: 5}\ngroup: "a b"\n' >"$configuration"
same 'a bad file makes the reload fail' "$(status_of reloads)" 1
check 'the old configuration holds' not isoctl spawn -f steady.yaml --name second
matches 'the state tells why' "$(property StatusText)" 'refused: .*isolated.yaml:1:1: unknown key .*admision'
matches 'the journal names every fault' "$(journal_after "$since" --unit=isolated.service)" 'isolated.yaml:1:1: .*isolated.yaml:2:8: '
set_key admission '{tenants: 9}'
sed -i 's|^#state:.*|state: /run/other|; s|^#ids:.*|ids: {first: 1879048192, count: 65536}|' "$configuration"
same 'a key that needs a restart makes it fail too' "$(status_of reloads)" 1
matches 'by its name' "$(property StatusText)" 'isolated.yaml:[0-9]+:[0-9]+: state can.t change while the daemon runs.*systemctl restart'
check 'and nothing else of the file is taken over' not isoctl spawn -f steady.yaml --name second
set_key group daemon
check 'a change of the group succeeds' reloads
same 'and the socket has it' "$(stat --format='%a %U %G' "$socket")" '660 root daemon'
matches 'the group in force before is no part of it any more' "$(runuser --user=nobody --group=isolated -- isoctl ps 2>&1 || true)" 'EACCES'
cp --archive kept.yaml "$configuration"
kill -HUP "$daemon"
group_is() { [[ $(stat --format=%G "$socket") == "$1" ]]; }
check 'a plain SIGHUP reloads too' eventually 20 group_is isolated
check 'a second tenant starts again' isoctl spawn -f steady.yaml --name second
same 'it has all been one daemon' "$(main_pid)" "$daemon"
same 'the check alone says yes' "$(status_of isolated --check)" 0
printf 'nonsense\n' >bad.yaml
same 'and no' "$(status_of isolated --check --config bad.yaml)" 1
same 'whoever is asked to reload and is no daemon gets no signal' "$(status_of isolated --reload 4194303)" 1
end_tenant second

echo 'the watchdog'
is_caught() { [[ $(property SubState) == *watchdog* ]]; }
mkdir -p /run/systemd/system/isolated.service.d
printf '[Service]\nWatchdogSec=4s\n' >/run/systemd/system/isolated.service.d/watchdog.conf
systemctl daemon-reload
systemctl restart isolated.service
daemon=$(main_pid)
sleep 10
same 'idle loops keep it quiet' "$(main_pid)" "$daemon"
for thread in io control; do
  daemon=$(main_pid)
  number=$(ps -L -o lwp=,comm= -p "$daemon" | awk -v name=$thread '$2 == name { print $1 }')
  # Held up as it goes back to sleep, as if it waited for something that never comes.
  strace -qq -p "$number" -e trace=ppoll,epoll_wait -e inject=ppoll,epoll_wait:delay_enter=60s 2>/dev/null &
  tracer=$!
  check "the watchdog notices that the loop '$thread' hangs" eventually 60 is_caught
  # The tracer keeps the thread even from being killed.
  kill $tracer 2>/dev/null || true
  wait $tracer 2>/dev/null || true
  check 'the daemon is replaced' eventually 60 replaced "$daemon"
  matches 'and its log says why' "$(journalctl --unit=isolated.service --output=cat --lines=40)" "loop does not go round loops=$thread.*Watchdog timeout"
  check 'and serves' timeout 60 isoctl ps
done
same 'the tenant has lived through it' "$(first_process steady)" "$tenant"
rm -r /run/systemd/system/isolated.service.d
systemctl daemon-reload
end_tenants

echo 'tenants.d'
for name in late early; do sleeping_policy $name >"$installed/$([[ $name == early ]] && echo 10 || echo 90)-$name.yaml"; done
printf 'tenant: broken\ncommand: [/bin/true]\nmemry: 5\n' >"$installed"/50-broken.yaml
sleeping_policy ignored >"$installed"/ignored.yaml.dpkg-new
# What a boot does to them: no state is left of the life before.
systemctl stop isolated.socket isolated.service
rm -f /run/isolated/started
since=$(journal_end)
systemctl start isolated.service
check 'what lies there is started' eventually 60 is_running late
check 'all of it' is_running early
same 'in the order of the names' "$(journal_after "$since" --unit=isolated.service | sed -n 's/^spawned.*tenant=//p' | tr '\n' ' ')" 'early late '
matches 'a bad one is told with its place, and keeps no other from it' "$(journal_after "$since" --unit=isolated.service)" '50-broken.yaml:3:1: unknown key .*memry'
check 'what is no policy is not' is_unknown ignored
late=$(first_process late)
isoctl stop early --grace=1s >/dev/null
isoctl forget early
sleeping_policy fresh >"$installed"/95-fresh.yaml
systemctl restart isolated.service
check 'a new one is started by the next daemon' eventually 60 is_running fresh
kill -KILL "$(main_pid)"
timeout 60 isoctl ps >/dev/null
systemctl restart isolated.service
timeout 60 isoctl ps >/dev/null
sleep 2
check 'one that was stopped does not come back with the daemon' is_unknown early
same 'one that runs is left alone' "$(first_process late)" "$late"
systemctl stop isolated-tenants.service
check 'stopping isolated-tenants ends all' test ! -d "/proc/$late"
systemctl start isolated.service
check 'its next life starts them anew' eventually 60 is_running early
check 'each of them' eventually 60 is_running fresh
rm -f "${installed:?}"/*
end_tenants

echo 'floods of output'
isoctl spawn -f steady.yaml --name flood -- /bin/sh -c 'yes "a line of a flood that never ends, so that it takes some room" ' >/dev/null
isoctl spawn -f steady.yaml --name calm -- /bin/sh -c 'for n in $(seq 200); do echo "word $n"; sleep 0.05; done; echo done; exec sleep infinity' >/dev/null
calm_lines() { journalctl --sync; journalctl --identifier=calm --boot --output=cat --quiet | sed -n 's/^word //p'; }
finished() { isoctl logs calm | grep --quiet '^.*done$'; }
check 'beside a flood, a calm tenant comes to its end' eventually 120 finished
isoctl stop --grace=0ms flood >/dev/null
same 'and none of its lines is lost' "$(calm_lines | tr '\n' ' ')" "$(seq 200 | tr '\n' ' ')"
matches 'the flood is told how much of it was cut' "$(isoctl logs flood | tail --lines=2000)" 'dropped|lines|bytes'
end_tenants
finish
