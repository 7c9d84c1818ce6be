#!/bin/bash
# The wall around a command that enters a running tenant is the tenant's own: each part against an attack by such a command;
# and a tenant that lies in wait for commands on their way in.
# lab-timeout: 1200
# Functions run by name (SC2317), and texts for other interpreters are quoted from this one (SC2016).
# shellcheck disable=SC2016,SC2317
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"
# shellcheck source=Tests/Lab/lib/walls.sh
. "$LAB/lib/walls.sh"

# in_daemon COMMAND... : where the daemon's own mounts are, which nobody else sees
in_daemon() { nsenter --mount --target "$(systemctl show --property=MainPID --value isolated.service)" -- "$@"; }
clean_up() {
  sysctl --quiet fs.suid_dumpable=0
  restore_core_dumps
  stop_listening
  end_tenants
  in_daemon umount --lazy /sys/fs /run/lab-fs 2>/dev/null || true
  rmdir /run/lab-fs 2>/dev/null || true
  rm -rf /srv/open /etc/isolated/secrets
}
trap clean_up EXIT

echo 'the same wall'
# wall NAME LINE... : NAME.yaml, and a tenant of it that sleeps
wall() {
  policy "$@"
  isoctl spawn -f "$1.yaml" -- /bin/sleep infinity >/dev/null
}
# of_its_own NAME DEED... : what comes of attacks by the command of another tenant of that policy
of_its_own() { probe isoctl run -f "$1.yaml" --name other -- "${@:2}"; }

install --directory --mode=0777 /srv/open
echo whole >/srv/open/file
chmod 0666 /srv/open/file
trick=('user: root' 'capabilities: [CAP_SYS_ADMIN]' 'seccomp: {allow: [mount]}' 'root: {readable: [/srv/open]}')
wall bare "${trick[@]}" 'landlock: false'
wall kept "${trick[@]}" 'landlock: true'
attack=(remount /srv/open + write /srv/open/file + make /srv/open/new + mount_over /mnt + mount_over /tmp)
same 'Landlock: left out, an entering command writes on the host' "$(entering bare "${attack[@]}")" 'did it|did it|did it|ENOENT|did it'
rm /srv/open/new
same 'in a domain it does not, and mounts nothing' "$(entering kept "${attack[@]}")" 'EPERM|EROFS|EROFS|ENOENT|EPERM'
same 'and as another user neither' "$(probe isoctl exec -i --user daemon kept -- remount /srv/open + mount_over /tmp)" 'EPERM|EPERM'
same 'the host has noticed nothing' "$(find /srv/open -type f -printf '%f\n')" file
end_tenant bare kept
wall ports 'network: {tcp: {bind: [8080], connect: [9]}}'
ways=(bind_port 8080 + bind_port 8081 + connect_port 8081 + connect_port 9)
same 'TCP ports that the policy does not name are refused' "$(entering ports "${ways[@]}")" 'did it|EACCES|EACCES|ECONNREFUSED'
same 'ordinary work goes on' \
  "$(entering ports make /tmp/a + mkdir /tmp/d + rename /tmp/a /tmp/d/a + link /tmp/d/a /tmp/b + truncate /tmp/b + socket_file /tmp/s + unlink /tmp/b + write /dev/null + write /proc/self/comm + queue /wall)" \
  'did it|did it|did it|did it|did it|did it|did it|did it|did it|did it'
same 'a stream from outside can be opened by its name' "$(isoctl exec -i ports -- /bin/cat /dev/stdin </etc/debian_version)" "$(</etc/debian_version)"
same 'and so can a discarded one' "$(status_of isoctl exec -i ports -- /bin/sh -c 'echo x >/dev/stderr; echo x >/dev/null; cat </dev/stdin' </dev/null)" 0
end_tenant ports
check 'the host listens at an abstract socket' listen_abstractly
wall neighbourly 'network: {mode: host}' 'landlock: false'
wall reserved 'network: {mode: host}'
same 'the host'"'"'s abstract sockets are in reach without Landlock, and out of it with' \
  "$(entering neighbourly connect lab-wall) $(entering reserved connect lab-wall)" 'did it EPERM'
end_tenant neighbourly reserved

handle_core_dumps
wall alone
wall dumper 'rlimits: {core: 1MiB}'
same 'core dumps: the host'"'"'s handler is not started, and one that the policy allows is' "$(dumps entering alone) $(dumps entering dumper)" 'nothing dumped'
same 'the limit can not be raised' "$(entering alone core_limits)" '1 1'
restore_core_dumps
end_tenant dumper

key=$(host_key)
wall keys 'user: root' 'seccomp: {allow: [keyctl, add_key, request_key]}'
same 'keys: none of the host is in a keyring of the command, nor can be read by its number' \
  "$(entering keys search_key -3 lab-wall + search_key -4 lab-wall + search_key -5 lab-wall + read_key "$key")" 'ENOKEY|ENOKEY|ENOKEY|EACCES'
rings=$(entering keys keyring -3)
matches 'it has a session keyring' "$rings" '^[1-9][0-9]*$'
check 'and each command its own' test "$rings" != "$(entering keys keyring -3)"
end_tenant keys

secret="correct-horse-$RANDOM-battery"
install --directory --mode=0700 /etc/isolated/secrets
printf %s "$secret" >/etc/isolated/secrets/password
chmod 0600 /etc/isolated/secrets/password
wall keeper 'secrets: [/etc/isolated/secrets/password]'
same 'secrets: the tenant'"'"'s user reads them, and another does not' \
  "$(entering keeper read /run/secrets/password) $(probe isoctl exec -i --user daemon keeper -- read /run/secrets/password)" "$secret EACCES"
end_tenant keeper

calls=(huge_page + socket_family 38 + socket_family 40 + socket_family 17 + raise_core)
same 'the filter refuses what it refuses the tenant'"'"'s own command' "$(entering alone "${calls[@]}")" "$(of_its_own alone "${calls[@]}")"
matches 'and that is all of it' "$(entering alone "${calls[@]}")" '^ENOMEM\|EAFNOSUPPORT\|EAFNOSUPPORT\|EAFNOSUPPORT\|1 1$'
wall open-minded 'seccomp: {allow: [bpf, personality]}'
same 'the policy'"'"'s own filter holds, and nobody'"'"'s else' \
  "$(isoctl exec open-minded -- /bin/sh -c 'grep Seccomp: /proc/self/status | cut -f 2')" 2
end_tenant open-minded

wall lonely 'cpu: {core_scheduling: true}' 'enforcement: best-effort'
cookie=$(entering lonely cookie)
if [[ $(</sys/devices/system/cpu/smt/active) == 1 ]]; then
  others=$(entering alone cookie)
  matches 'cores: a command has a cookie where the policy asks for one, and none elsewhere' "$cookie $others" '^[1-9][0-9]* 0$'
  same 'it is that of the tenant, which every command has' "$(entering lonely cookie)" "$cookie"
  check 'and not that of another tenant' test "$cookie" != "$(of_its_own lonely cookie)"
else
  matches 'cores: where no core has several threads, nobody needs a cookie, and commands enter all the same' "$cookie" '^(ENODEV|EINVAL)$'
fi
end_tenant lonely alone

echo 'a share of memory bandwidth'
# No machine of ours has resctrl: files stand in for it, in the daemon's eyes. Each task that it writes there takes the
# place of the last.
in_daemon sh -euc '
  mkdir -p /run/lab-fs
  mount -t tmpfs lab-fs /run/lab-fs
  mkdir -p /run/lab-fs/cgroup /run/lab-fs/resctrl/info/MB /run/lab-fs/resctrl/isolated-narrow
  mount --rbind /sys/fs/cgroup /run/lab-fs/cgroup
  cd /run/lab-fs/resctrl
  echo MB:0=100 >schemata
  echo 10 >info/MB/min_bandwidth
  touch isolated-narrow/schemata isolated-narrow/tasks
  mount --rbind /run/lab-fs /sys/fs'
last_task() { in_daemon head --lines=1 /sys/fs/resctrl/isolated-narrow/tasks; }
sleeping_policy narrow | sed 's/32MiB/32MiB, bandwidth: 50%/' | isoctl spawn -f - >/dev/null
same 'a tenant'"'"'s first process is put into its share' "$(last_task)" "$(first_process narrow)"
same 'a command enters' "$(status_of isoctl exec narrow -- /bin/true)" 0
entered=$(last_task)
matches 'which is put there too' "$entered" '^[1-9][0-9]*$'
check 'by a process of its own' test "$entered" != "$(first_process narrow)"
in_daemon rm /sys/fs/resctrl/isolated-narrow/tasks
same 'one that can not be put there does not run' "$(status_of isoctl exec narrow -- /bin/touch /tmp/ran)" 125
matches 'and isoctl says why' "$(<"$CHECK_OUTPUT")" 'memory bandwidth.*ENOENT'
check 'no zombie is left of it' eventually 10 eval '[[ -z $(pgrep --runstates Z) ]]'
in_daemon rm -r /sys/fs/resctrl/isolated-narrow
end_tenant narrow
in_daemon umount --lazy /sys/fs
in_daemon umount --lazy /run/lab-fs
rmdir /run/lab-fs

echo 'a tenant that lies in wait'
cat >watcher.yaml <<'P'
tenant: watcher
command: [/bin/true]
user: root
capabilities: [CAP_SYS_PTRACE, CAP_KILL, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH]
memory: {max: 128MiB}
seccomp: {profile: default, allow: [ptrace, process_vm_readv, pidfd_getfd, kcmp]}
# Landlock alone would refuse all of it, since a command's domain isn't the tenant's.
landlock: false
P
# lie_in_wait SENTENCE USER COUNT : a hostile root inside watches while commands come in
lie_in_wait() {
  local round failures=0
  isoctl run -f watcher.yaml -- /usr/bin/python3 -I -B - <"$LAB/lib/watcher.py" >watched.json 2>watched.err &
  local client=$!
  eventually 60 grep --quiet watching watched.json || fails 'the watcher watches' "$(cat watched.err)"
  for ((round = 0; round < $3; round++)); do
    isoctl exec --user "$2" watcher -- /bin/sleep 0.05 || failures=$((failures + 1))
  done
  isoctl kill watcher
  wait $client || fails 'the watcher ends well' "$(cat watched.err)"
  same "$1: every command runs" $failures 0
  between "$1: it meets commands on their way in" "$(sed 1d watched.json | jq .entering)" 3 "$3"
  same "$1: and gets nothing of them" "$(sed 1d watched.json | jq --compact-output .got)" '[]'
}
lie_in_wait 'a tenant that lies in wait for root'"'"'s commands' root 40
lie_in_wait 'for another user'"'"'s' nobody 30
sysctl --quiet fs.suid_dumpable=1
lie_in_wait 'where the host dumps set-user-ID programs' nobody 30
finish
