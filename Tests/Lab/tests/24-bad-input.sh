#!/bin/bash
# Bad input of every kind gets a clear error, and leaves nothing behind: no group, mount, namespace, file, process,
# zombie or descriptor.
# lab-timeout: 500
# Functions run by name (SC2317), and texts for other interpreters are quoted from this one (SC2016).
# shellcheck disable=SC2016,SC2317
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"
# shellcheck source=Tests/Lab/lib/traces.sh
. "$LAB/lib/traces.sh"

poor=/sys/fs/cgroup/poor
bare_daemon=
clean_up() {
  end_tenants
  [[ -z $bare_daemon ]] || kill "$bare_daemon" 2>/dev/null || true
  eventually 10 rmdir "$poor/tenants" "$poor" 2>/dev/null || true
  eventually 10 umount /srv/small 2>/dev/null || true
  rm -rf /srv/small /srv/root /run/bare
  userdel --force hoarder 2>/dev/null || true
}
trap clean_up EXIT

# refused SENTENCE REGEX COMMAND... : COMMAND must fail, and what it prints must match
refused() {
  local sentence=$1 regex=$2 status=0 said
  shift 2
  said=$("$@" 2>&1) || status=$?
  if ((status == 0)); then
    fails "$sentence" "it succeeded: $*" "$said"
  elif [[ ! $said =~ $regex ]]; then
    fails "$sentence" "expected to match: $regex" "found: $said"
  else
    pass "$sentence"
  fi
}

# nothing_left OF-WHAT
nothing_left() { check "nothing is left of $1" eventually 20 no_new_traces before; }

# Once, so that what is kept for good (the filter, a range of ids for each name that is used, the runtime's own
# descriptors for timers) is there before.
for name in web held hasty; do sleeping_policy $name | isoctl run -f - -- /bin/true; done
sleeping_policy web | isoctl spawn -f - >/dev/null
isoctl stop --grace=1s web >/dev/null
isoctl forget web
take_traces before

echo 'malformed policies'
policy() { printf '%s\n' "$@" >web.yaml; }
valid=('tenant: web' 'command: [/bin/sleep, infinity]' 'memory: {max: 16MiB}')
# bad SENTENCE REGEX LINE... : the policy of these lines is refused by the checker and by the daemon, with its place
bad() {
  local sentence=$1 regex=$2
  shift 2
  policy "$@"
  refused "$sentence: the checker refuses it" "web.yaml:[0-9]+:[0-9]+: .*$regex" isoctl policy check web.yaml
  refused "$sentence: the daemon refuses it" "web.yaml:[0-9]+:[0-9]+: .*$regex" isoctl spawn -f web.yaml
}
bad 'an unknown key' 'unknown key "memry".*did you mean "memory"' 'tenant: web' 'command: [/bin/true]' 'memry: {max: 1MiB}'
bad 'no YAML at all' 'this is not YAML' 'tenant: [web' 'command: }'
bad 'a missing key' '"memory"|memory' 'tenant: web' 'command: [/bin/true]'
bad 'a number without its unit' 'unit|MiB' 'tenant: web' 'command: [/bin/true]' 'memory: {max: 512}'
bad 'a capability that there is not' 'CAP_SYS_ADMN' "${valid[@]}" 'capabilities: [CAP_SYS_ADMN]'
bad 'a check that has no room to run' 'pids.max' "${valid[@]}" 'pids: {max: 2}' 'health: {command: [/bin/true]}'
bad 'a sysctl of the host' 'kernel.panic' "${valid[@]}" 'sysctls: {kernel.panic: "1"}'
head --bytes=4096 /dev/urandom >web.yaml
refused 'random bytes are refused' 'web.yaml' isoctl spawn -f web.yaml
{ printf '%s\n' "${valid[@]}" && head --bytes=70000 /dev/zero | tr '\0' '#'; } >web.yaml
refused 'a policy of 70 KB is refused' '64 KiB|65536|too long|longer' isoctl spawn -f web.yaml
{ printf '%s\n' "${valid[@]}" && head --bytes=3000000 /dev/zero | tr '\0' '#'; } >web.yaml
refused 'one of 3 MB too' 'large|long' isoctl spawn -f web.yaml
{ printf 'tenant: web\ncommand: ' && head --bytes=30000 /dev/zero | tr '\0' '['; } >web.yaml
refused 'thirty thousand brackets are refused' 'web.yaml' isoctl spawn -f web.yaml
: >web.yaml
refused 'an empty policy is refused' 'web.yaml|empty' isoctl spawn -f web.yaml
refused 'a policy file that does not exist is refused' 'nothing.yaml.*ENOENT' isoctl spawn -f nothing.yaml
nothing_left 'malformed policies'

echo 'names'
refused 'an unknown policy is refused' "no policy 'nothing'" isoctl spawn nothing
refused 'a path is no name of a policy' "no policy's name|is no policy" isoctl spawn ../../../etc/passwd
for command in inspect kill stop wait forget logs; do
  refused "$command of an unknown tenant is refused" "no tenant 'nobody'" isoctl $command nobody
done
policy "${valid[@]}"
refused 'a name with a slash is refused' "can't be a tenant's name" isoctl spawn -f web.yaml --name ../evil
refused 'a name of 300 letters is refused' "can't be a tenant's name" isoctl spawn -f web.yaml --name "$(head --bytes=300 /dev/zero | tr '\0' a)"
refused 'the name of the holder of the unit is refused' 'supervisor' isoctl spawn -f web.yaml --name supervisor
isoctl spawn -f web.yaml >/dev/null
process=$(first_process web)
refused 'a name that is taken is refused' "'web' runs already" isoctl spawn -f web.yaml
refused 'by run too' "'web' runs already" isoctl run -f web.yaml
same 'its holder has felt nothing' "$(first_process web) $(tenant_state web)" "$process running"
end_tenant web
nothing_left 'unknown and taken names'

echo 'commands and roots'
spawn() { isoctl spawn -f web.yaml "$@"; }
refused 'a command that does not exist is refused' '/no/such: ENOENT|/no/such.*ENOENT' spawn -- /no/such
refused 'a name that is not in PATH is refused' 'ENOENT' spawn -- no-such-program
refused 'a file that is no program is refused' 'EACCES' spawn -- /etc/passwd
refused 'a command of 2 MB is refused' '.' spawn -- /bin/echo "$(head --bytes=120000 /dev/zero | tr '\0' x)"{1,2,3,4,5,6,7,8,9}
# with LINE REGEX SENTENCE : a policy that is valid, but asks what the host doesn't have
with() {
  policy "${valid[@]}" "$1"
  refused "$3 is refused" "$2" spawn
}
with 'root: {base: /srv/nowhere}' 'web.yaml:4:[0-9]+: .*ENOENT' 'a root that does not exist'
with 'root: {base: /etc/passwd}' 'ENOTDIR' 'a root that is a file'
mkdir -p /srv/root
with 'root: {base: /srv/root}' 'ENOENT' 'an empty root'
with 'root: {base: host, writable: [/srv/nowhere]}' 'srv/nowhere.*ENOENT' 'a writable path that does not exist'
with 'root: {base: host, readable: [/srv/nowhere]}' 'srv/nowhere.*ENOENT' 'a readable path that does not exist'
with 'user: nosuchuser' 'web.yaml:4:[0-9]+: .*nosuchuser' 'a user that does not exist'
with 'directory: /nowhere' 'nowhere.*ENOENT' 'a working directory that does not exist'
with 'seccomp: /srv/nowhere.json' 'nowhere.json.*ENOENT' 'a system call profile that does not exist'
echo '{"defaultAction": "SCMP_ACT_MAYBE"}' >/srv/root/profile.json
with 'seccomp: /srv/root/profile.json' 'SCMP_ACT_MAYBE' 'a system call profile that makes no sense'
with 'seccomp: {profile: default, allow: [no_such_call]}' 'web.yaml:4:[0-9]+: .*no_such_call' 'a system call that there is not'
with 'devices: [{path: /dev/nothing}]' 'dev/nothing.*ENOENT' 'a device that does not exist'
with 'devices: [{path: /dev/shm}]' 'dev/shm' 'a device that is none'
with 'io: [{device: /srv/nowhere, limit: {iops: 5}}]' 'web.yaml:4:[0-9]+: .*srv/nowhere' 'a disk that does not exist'
with 'io: [{device: /run, limit: {iops: 5}}]' 'on no disk' 'a limit for what is on no disk'
with 'io: [{device: /usr, reservation: {iops: 5}}]' 'web.yaml:4:[0-9]+: .*never calibrated' 'a reservation on a disk that was never measured'
with 'io: [{device: /usr, weight: 5}, {device: /etc, weight: 5}]' 'web.yaml:4:[0-9]+: .*lie on the same disk' 'a disk by two paths'
with 'cpu: {cpus: "77"}' 'web.yaml:4:[0-9]+: .*(cpuset|cpus)' 'a processor that there is not'
with 'memory: {max: 900GiB}' 'duplicate|given' 'a key that is there twice'
policy 'tenant: web' 'command: [/bin/true]' 'memory: {max: 900GiB}'
refused 'more memory than there is is refused' 'web.yaml:3:[0-9]+: .*MiB that are left' spawn
nothing_left 'commands and roots that there are not'

echo 'hostile clients'
hostile() { timeout 100 python3 "$LAB/lib/hostile-client.py" /run/isolated/io.isolated "$1" 2>&1; }
daemon=$(systemctl show --property=MainPID --value isolated.service)
memory_before=$(sed -n 's/^VmRSS:\s*\([0-9]*\) kB/\1/p' "/proc/$daemon/status")
same 'half a frame and a hang-up is borne' "$(hostile half-a-frame)" left
same 'half a frame and silence ends in a hang-up' "$(hostile half-a-frame-and-silence)" 'hung up'
same 'a gigabyte is cut off early' "$(hostile gigabyte)" 'cut off after at most 4 MiB'
matches 'garbage is refused' "$(hostile garbage)" '^(io.isolated.Failed|org.varlink.service.*|hung up)$'
matches 'endless nesting is refused' "$(hostile deep-nesting)" '^(io.isolated.Failed|org.varlink.service.*|hung up)$'
same 'an unknown method is refused' "$(hostile unknown-method)" org.varlink.service.MethodNotFound
same 'an unknown parameter is refused, not skipped' "$(hostile unknown-parameter)" org.varlink.service.InvalidParameter
same 'a parameter of the wrong type is refused' "$(hostile wrong-type)" org.varlink.service.InvalidParameter
matches 'descriptors that are not there are refused' "$(hostile missing-descriptors)" '^(io.isolated.Failed|org.varlink.service.InvalidParameter)$'
matches 'two hundred descriptors are refused' "$(hostile too-many-descriptors)" '^(io.isolated.Failed|org.varlink.service.*|hung up)$'
same 'a client that never reads is cut off' "$(hostile never-reads)" 'cut off'
same 'ten that hang up in the middle of a spawn are borne' "$(hostile hangs-up-while-spawning)" left
useradd --groups=isolated --no-log-init hoarder
HOARD_SECONDS=8 runuser --user=hoarder -- python3 "$LAB/lib/hostile-client.py" /run/isolated/io.isolated hoards-connections >hoarding 2>&1 &
hoarder=$!
eventually 60 grep --quiet hoarding hoarding || fails 'the hoarder hoards' "$(<hoarding)"
check 'while a user hoards connections, root is served' timeout 20 isoctl ps
wait $hoarder || true
check 'the daemon is still the same' test "$(systemctl show --property=MainPID --value isolated.service)" = "$daemon"
check 'it has grown by less than 24 MiB' test \
  $(($(sed -n 's/^VmRSS:\s*\([0-9]*\) kB/\1/p' "/proc/$daemon/status") - memory_before)) -lt 24576
nothing_left 'hostile clients'

echo 'a controller that the host lacks'
mkdir -p $poor /run/bare
echo '+cpu +memory +pids +io' >/sys/fs/cgroup/cgroup.subtree_control
echo '+memory +pids' >$poor/cgroup.subtree_control
mkdir -p $poor/tenants
# start_bare STATE PERSISTENT-STATE : a daemon of its own, in the poor group
start_bare() {
  printf 'socket: /run/bare/io.isolated\nstate: %s\npersistent_state: %s\ncgroup: {parent: %s}\nlogs: {directory: /run/bare/logs}\nseccomp_cache: /run/bare/seccomp\n' \
    "$1" "$2" $poor/tenants >bare.yaml
  setsid isolated --config "$PWD/bare.yaml" >bare.log 2>&1 &
  bare_daemon=$!
  check 'a daemon starts in a poor group' eventually 60 isoctl ps --socket /run/bare/io.isolated
}
stop_bare() {
  kill "$bare_daemon"
  check 'it ends' wait "$bare_daemon"
  bare_daemon=
}
bare() { isoctl "$1" --socket /run/bare/io.isolated "${@:2}"; }
start_bare /run/bare/state /run/bare/kept
policy "${valid[@]}" 'cpu: {max: 50%}'
refused 'a policy that needs it is refused, with its place and the mend' \
  'web.yaml:4:[0-9]+: .*cpu.max.*cpu controller.*mend:' bare spawn -f web.yaml
same 'no group is left' "$(find $poor/tenants -mindepth 1 -type d)" ''
policy "${valid[@]}" 'cpu: {max: 50%}' 'enforcement: best-effort'
matches 'best effort starts it, and says what does not hold' "$(bare spawn -f web.yaml 2>&1)" 'not enforced.*cpu.max'
matches 'inspect says so too' "$(bare inspect web --json | jq --compact-output .notEnforced)" 'cpu.max'
same 'what can be enforced is' "$(<$poor/tenants/web/memory.max)" 16777216
same 'stop ends it' "$(bare stop web --grace=1s >/dev/null && bare forget web && find $poor/tenants -mindepth 1 -type d)" ''
stop_bare

echo 'a full disk'
mkdir -p /srv/small
mount -t tmpfs -o size=256k none /srv/small
# A ledger whose next line crosses a page: half of it fits, half does not.
mkdir /srv/small/kept
for number in {0..194}; do printf 'tenant-%03d %d\n' "$number" $((268435456 + number * 65536)); done >/srv/small/kept/ids
start_bare /run/bare/state /srv/small/kept
size=$(stat --format=%s /srv/small/kept/ids)
between 'the ledger ends shortly before the end of a page' "$size" 4050 4095
head --bytes=1M /dev/zero >/srv/small/filler 2>/dev/null || true
policy "${valid[@]}"
refused 'a spawn whose ids cannot be written down is refused' 'ENOSPC' bare spawn -f web.yaml --name a-name-that-is-long-enough-to-cross-the-end-of-the-page-of-ids
same 'the ledger holds no half line' "$(stat --format=%s /srv/small/kept/ids)" "$size"
same 'no group is left' "$(find $poor/tenants -mindepth 1 -type d)" ''
same 'no state is left' "$(find /run/bare/state/tenants -type f)" ''
rm /srv/small/filler
check 'once there is room, it starts' bare spawn -f web.yaml --name a-name-that-is-long-enough-to-cross-the-end-of-the-page-of-ids
stop_bare
start_bare /run/bare/state /srv/small/kept
same 'a daemon that comes after it reads the ledger, and adopts the tenant' "$(bare ps --json | jq --raw-output '.tenants[].state')" running
bare stop --grace=0ms a-name-that-is-long-enough-to-cross-the-end-of-the-page-of-ids >/dev/null
stop_bare
rm -f /srv/small/kept/ids
start_bare /srv/small/state /run/bare/kept2
head --bytes=1M /dev/zero >/srv/small/filler 2>/dev/null || true
refused 'a spawn whose state cannot be written down is refused' 'ENOSPC' bare spawn -f web.yaml
same 'no group is left' "$(find $poor/tenants -mindepth 1 -type d)" ''
same 'no state is left' "$(find /srv/small/state/tenants -type f)" ''
check 'no process is left' not pgrep --parent "$bare_daemon" --full 'tenant-init start'
rm /srv/small/filler
check 'once there is room, it starts' bare spawn -f web.yaml
head --bytes=1M /dev/zero >/srv/small/filler 2>/dev/null || true
matches 'a tenant that ends on a full disk is stopped all the same' "$(bare stop web --grace=20s)" 'web signaled SIGTERM'
rm /srv/small/filler
stop_bare
check 'nobody holds the small disk any more' eventually 10 umount /srv/small

check 'nothing is left on the host' eventually 20 no_new_traces before
finish
