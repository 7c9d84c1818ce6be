#!/bin/bash
# Terminals in tenants: run -it, exec -it, spawn -t and attach, driven on a real terminal; the window's size, keys and
# signals, detaching and coming back, also to another daemon; what is put back, and what a tenant could put in the way.
# lab-timeout: 900
# Functions run by name (SC2317), and texts for other interpreters are quoted from this one (SC2016).
# shellcheck disable=SC2016,SC2317
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"

clean_up() {
  systemctl start isolated.service
  tmux kill-server 2>/dev/null || true
  end_tenants
}
trap clean_up EXIT

daemon_pid() { systemctl show --property=MainPID --value isolated.service; }
is_back() { [[ $(daemon_pid) != 0 && $(daemon_pid) != "$1" ]] && systemctl --quiet is-active isolated.service && isoctl ps >/dev/null 2>&1; }
said() { grep --quiet --extended-regexp "$2" <(isoctl logs "$1"); }
members_of() { wc --lines <"$(group_of "$1")/cgroup.procs"; }
has_members() { [[ $(members_of "$1") == "$2" ]]; }
# drive OUTPUT COMMAND... : runs a command on a terminal, as the steps on standard input say
drive() {
  local output=$1
  shift
  timeout 200 python3 "$LAB/lib/terminal.py" "$@" >"$output" 2>&1 || true
}
last() { tail --lines=1 "$1"; }

cat >plain.yaml <<'P'
tenant: plain
command: [/bin/sleep, infinity]
memory: {max: 64MiB}
pids: {max: 40}
P

echo 'run -it'
drive run.out isoctl run -it -f plain.yaml -- /bin/sh -c \
  'stty size; tty; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo three; echo $TERM; ps -o tty= -p $$; read -r line; echo "got <$line>"; stty size; exit 7' <<'S'
expect 24 80
expect /dev/pts/0
expect three
size 50 132
send hello\r
expect got <hello>
expect 50 132
S
same 'a command gets a terminal of its own, of the right size, its status comes back and the terminal is put back' \
  "$(last run.out)" 'status=7 restored=yes'
check 'its session has that terminal' grep --quiet 'pts/0' run.out
check 'nothing is left of it' is_unknown plain
drive keys.out isoctl run -it -f plain.yaml -- /bin/sh -c \
  'trap "echo interrupted" INT; trap "echo resized" WINCH; echo ready; while :; do sleep 0.1; done' <<'S'
expect ready
send \x03
expect interrupted
size 30 90
expect resized
signal TERM
S
same 'ctrl-c and a new size reach the command; SIGTERM to isoctl too' "$(last keys.out)" 'status=143 restored=yes'
drive alarm.out isoctl run -it -f plain.yaml --name alarmed -- /bin/sh -c 'echo ready; exec sleep 100' <<'S'
expect ready
signal ALRM
S
same 'a signal that ends isoctl is not the command'"'"'s, and leaves the terminal as it was' "$(last alarm.out)" 'status=142 restored=yes'
check 'the tenant ends with isoctl' eventually 30 is_unknown alarmed
drive suspend.out isoctl run -it -f plain.yaml -- /bin/bash --norc -i <<'S'
expect \$ 
send sleep 1000\r
do sleep 5
send \x1a
expect Stopped
send jobs; fg\r
expect Stopped +sleep 1000\s+sleep 1000
do sleep 2
send \x03
do sleep 2
send echo job control; exit 4\r
expect job control
S
same 'ctrl-z is the shell'"'"'s inside' "$(last suspend.out)" 'status=4 restored=yes'
drive refused.out isoctl run -it -f plain.yaml -- /no/such/program </dev/null
same 'a command that is not there leaves the terminal as it was' "$(last refused.out)" 'status=127 restored=yes'
same 'without a terminal -t is an error' "$(status_of isoctl run -it -f plain.yaml -- /bin/true </dev/null)" 125
matches 'and isoctl says so' "$(<"$CHECK_OUTPUT")" 'no terminal'
drive hangup.out isoctl run -it -f plain.yaml --name gone -- /bin/sh -c 'trap "" HUP; echo ready; while :; do sleep 0.1; done' <<'S'
expect ready
hang-up
S
check 'when the user'"'"'s terminal goes, the tenant ends' eventually 30 is_unknown gone
same 'a tenant'"'"'s last words are not lost' "$(for round in 1 2 3 4 5 6 7 8 9 10; do
  drive last.out isoctl run -it -f plain.yaml -- /bin/sh -c 'echo the last words' </dev/null
  grep --count 'the last words' last.out
done | sort | uniq --count | xargs)" '10 1'

echo 'detach and attach'
drive detach.out isoctl run -it -f plain.yaml --name shell -- /bin/sh -c \
  'echo begun; while read -r line; do echo "heard $line"; [ "$line" = end ] && exit 5; done' <<'S'
expect begun
send one\r
expect heard one
send \x10\x11
expect detached
S
same 'ctrl-p ctrl-q detaches, and the terminal is put back' "$(last detach.out)" 'status=0 restored=yes'
same 'the tenant goes on' "$(tenant_state shell)" running
drive again.out isoctl attach shell <<'S'
size 33 99
send two\r
expect heard two
send \x10\x11
expect detached
S
same 'attach comes back to it' "$(last again.out)" 'status=0 restored=yes'
daemon=$(daemon_pid)
kill -KILL "$daemon"
check 'the daemon is back' eventually 60 is_back "$daemon"
drive after.out isoctl attach --detach-keys x,ctrl-a shell <<'S'
send three\r
expect heard three
send x\x01
expect detached
S
same 'also under the next daemon, and with other keys' "$(last after.out)" 'status=0 restored=yes'
drive during.out isoctl attach shell <<S
send four\r
expect heard four
do kill -KILL $(daemon_pid)
send five\r
expect heard five
send end\r
S
same 'a terminal goes on while the daemon is gone, and brings the status' "$(last during.out)" 'status=5 restored=yes'
check 'the daemon is back once more' eventually 60 isoctl ps
end_tenant shell
daemon=$(daemon_pid)
drive restart.out isoctl run -it -f plain.yaml --name held -- /bin/sh -c 'echo begun; while read -r line; do echo "heard $line"; [ "$line" = end ] && exit 6; done' <<S
expect begun
do kill -KILL $daemon
send six\r
expect heard six
send end\r
S
same 'run -it lives through the daemon'"'"'s death and learns the status' "$(last restart.out)" 'status=6 restored=yes'
end_tenant held

echo 'spawn -t'
isoctl spawn -t -f plain.yaml --name quiet -- /bin/sh -c 'echo to the log; stty size; while read -r line; do echo "heard $line"; done' >/dev/null
check 'what is written while nobody is attached goes to the log' eventually 20 said quiet 'to the log'
printf '%s\n' 'send mine\r' 'expect heard mine' 'send \x10\x11' 'expect detached' >second.steps
drive first.out isoctl attach quiet <<S
send seen\\r
expect heard seen
do timeout 60 python3 "$LAB/lib/terminal.py" isoctl attach quiet <second.steps >second.out 2>&1
expect another client
S
same 'who comes later takes the terminal over' "$(last second.out)" 'status=0 restored=yes'
same 'and who had it is told' "$(last first.out)" 'status=0 restored=yes'
check 'what was written for a client is not in the log' not said quiet 'heard seen'
same 'a tenant without a terminal cannot be attached to' "$(
  isoctl spawn -f plain.yaml >/dev/null
  drive none.out isoctl attach plain </dev/null
  last none.out)" 'status=125 restored=yes'
check 'and isoctl says why' grep --quiet 'has no terminal' none.out
isoctl spawn -t -f plain.yaml --name flood -- /bin/sh -c 'yes "a line of the flood" | head -c 3000000; echo flooded; exec sleep infinity' >/dev/null
check 'a flood that nobody watches does not stop the tenant' eventually 60 said flood 'flooded|dropped'
end_tenant quiet flood
cat >again.yaml <<'P'
tenant: again
command: [/bin/sh, -c, 'while read -r line; do echo "heard $line"; done']
memory: {max: 64MiB}
restart: {on: failure, backoff: 50ms}
P
isoctl spawn -t -f again.yaml >/dev/null
drive again.killed isoctl attach again <<S
send one\\r
expect heard one
do kill -KILL $(first_process again)
S
same 'a tenant whose first process is killed gives the terminal back, though it is started again' \
  "$(last again.killed)" 'status=137 restored=yes'
check 'and isoctl says why' grep --quiet 'the tenant was killed' again.killed
has_restarted() { (($(isoctl inspect again --json | jq .restart.total) >= 1)); }
check 'it is started again' eventually 30 has_restarted
check 'and runs' eventually 30 is_running again
drive again.attached isoctl attach again <<'S'
send two\r
expect heard two
send \x10\x11
expect detached
S
same 'with a terminal that one can attach to' "$(last again.attached)" 'status=0 restored=yes'
end_tenant again

echo 'exec -it'
drive exec.out isoctl exec -it plain -- /bin/sh -c 'stty size; tty; ls /proc/self/fd | tr "\n" " "; read -r line; echo "got <$line>"; stty size; exit 8' <<'S'
expect 24 80
expect /dev/pts/
expect 0 1 2 3
size 44 111
send hi\r
expect got <hi>
expect 44 111
S
same 'a further command gets a terminal too' "$(last exec.out)" 'status=8 restored=yes'
drive gone.out isoctl exec -it plain -- /bin/sh -c 'trap "" HUP; echo ready; while :; do sleep 0.1; done' <<'S'
expect ready
hang-up
S
check 'it ends when the user'"'"'s terminal goes' eventually 30 has_members plain 2
drive killed.out isoctl exec -it plain -- /bin/sh -c 'echo ready; sleep 100' <<'S'
expect ready
do isoctl kill -s KILL plain
S
same 'a tenant that is killed gives the terminal back' "$(last killed.out)" 'status=137 restored=yes'
end_tenant plain
isoctl spawn -f plain.yaml >/dev/null
for round in 1 2 3 4 5 6 7 8 9 10; do
  drive "words.$round" isoctl exec -t plain -- /bin/echo the last words </dev/null
done
same 'a further command'"'"'s last words are not lost' "$(cat words.* | grep --count 'the last words')" 10
same 'no terminal is left on the tenant' "$(isoctl exec plain -- /bin/ls /dev/pts)" ptmx

echo 'in tmux'
echo 'set -g status off' >tmux.conf
tmux -f tmux.conf new-session -d -x 100 -y 30 "isoctl exec -it plain -- /bin/sh -c 'stty size; exec sh'; echo status \$?; sleep 60"
shows() { tmux capture-pane -p | grep --quiet "$1"; }
check 'the size is that of the pane' eventually 20 shows '^30 100'
tmux send-keys 'echo $((6 * 7))' Enter
check 'what is typed arrives' eventually 20 shows '^42'
tmux resize-window -x 70 -y 20
tmux send-keys 'stty size; exit 9' Enter
check 'a new size too' eventually 20 shows '^20 70'
check 'the status comes back' eventually 20 shows 'status 9'

echo 'a tenant that puts something else in the way'
cat >forger.yaml <<'P'
tenant: forger
command: [/bin/sleep, infinity]
user: root
capabilities: [CAP_SYS_ADMIN, CAP_MKNOD]
memory: {max: 64MiB}
seccomp: {profile: default, allow: [mount, umount2, fsopen, fsconfig, fsmount, move_mount, open_tree, mount_setattr]}
P
isoctl spawn -f forger.yaml >/dev/null
same 'a tenant can mount over its /dev/pts' "$(status_of isoctl exec forger -- /bin/mount -t tmpfs none /dev/pts)" 0
isoctl exec forger -- /bin/sh -c 'mkfifo /dev/pts/ptmx' || true
drive forged.out isoctl exec -it forger -- /bin/true </dev/null
same 'which is not taken for a terminal' "$(last forged.out)" 'status=125 restored=yes'
check 'and isoctl says so' grep --quiet --extended-regexp 'terminal.*/dev/pts' forged.out
isoctl exec forger -- /bin/sh -c 'umount /dev/pts; mount --bind /dev/null /dev/pts/ptmx' || true
drive bound.out isoctl exec -it forger -- /bin/true </dev/null
same 'nor is a device mounted over its ptmx' "$(last bound.out)" 'status=125 restored=yes'
finish
