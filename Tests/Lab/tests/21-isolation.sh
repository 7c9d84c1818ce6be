#!/bin/bash
# What a tenant is, seen from inside as root and from the host: for each shipped policy, and for one more with root,
# capabilities and a limited disk, all of them running at the same time. Then the same under a daemon that was started
# by hand in a bad mood, which must make no difference.
# lab-disks: data:iops=2000,size=1G
# lab-timeout: 420
# Functions run by name (SC2317), and texts for other interpreters are quoted from this one (SC2016).
# shellcheck disable=SC2016,SC2317
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"

shipped=(cache database python-app untrusted-code web-role worker-role)
tenants=("${shipped[@]/#/probe-}" captain)
bare_group=/sys/fs/cgroup/bare
bare_daemon=

clean_up() {
  end_tenants
  [[ -z $bare_daemon ]] || kill "$bare_daemon" 2>/dev/null || true
  if [[ -d $bare_group ]]; then
    echo 1 >"$bare_group/cgroup.kill" || true
    eventually 10 find "$bare_group" -depth -type d -exec rmdir {} + 2>/dev/null || true
  fi
  eventually 10 umount /srv/data 2>/dev/null || true
  rm -rf /run/bare /var/lib/bare /etc/ssl/lab-secret /srv/data
}
trap clean_up EXIT

# A partition, so that the limit must find the whole disk beneath it.
echo ',,L' | sfdisk --quiet /dev/disk/by-id/data
udevadm settle
disk=$(basename "$(readlink --canonicalize /dev/disk/by-id/data)")
mkfs.ext4 -q "/dev/${disk}p1"
mkdir -p /srv/data
mount "/dev/${disk}p1" /srv/data
data_number=$(<"/sys/block/$disk/dev")
root_number=$(cat "/sys/class/block/$(basename "$(findmnt --noheadings --output SOURCE --target /usr)")/dev")
install --mode=0600 /dev/null /etc/ssl/lab-secret

cat >captain.yaml <<'P'
tenant: captain
command: [/bin/true]
user: root
capabilities: [CAP_NET_BIND_SERVICE, CAP_NET_RAW, CAP_CHOWN]
hostname: bridge
cpu: {weight: 150, max: {quota: 37.5ms, period: 50ms}, burst: 5ms, cpus: "1"}
memory: {min: 4MiB, low: 8MiB, high: 40MiB, max: 48MiB, swap: 1MiB}
pids: {max: 24}
io:
  - device: /srv/data
    limit: {bandwidth: 12MiB/s, read: {iops: 300}}
rlimits: {nofile: {soft: 300, hard: 400}, core: 0}
P

# start_probe NAME SOCKET OUTPUT ISOCTL-ARGUMENT... : runs the probe as a tenant; it stays until it is ended
start_probe() {
  local name=$1 socket=$2 output=$3
  shift 3
  ISOLATED_SOCKET=$socket setsid isoctl run "$@" --name "$name" -- /usr/bin/python3 -I -B - stay \
    <"$LAB/lib/probe.py" >"$output" 2>"$output.errors" &
}

has_told() { jq --exit-status .attempts "$1" >/dev/null 2>&1; }

for policy in "${shipped[@]}"; do
  # The policy as it is shipped, but for whom the command runs as, and where: /var/lib/redis isn't open to root inside.
  sed --regexp-extended 's/^user: .*/user: root/; /^directory: /d' "/usr/share/isolated/policies/$policy.yaml" >"$policy.root.yaml"
  start_probe "probe-$policy" /run/isolated/io.isolated "probe-$policy.json" -f "$policy.root.yaml"
done
start_probe captain /run/isolated/io.isolated captain.json -f captain.yaml
for tenant in "${tenants[@]}"; do
  eventually 120 has_told "$tenant.json" || fails "$tenant starts and tells of itself" "$(cat "$tenant.json.errors")"
done

declare -A told
# learn TENANT : puts what its probe has told into $told, with one run of jq, which is slow here
learn() {
  local key value
  told=()
  while IFS=$'\t' read -r key value; do told[$key]=$value; done < <(jq --raw-output '
    def list: map(tostring) | join(" ");
    def ro: .options | split(",") | index("ro");
    (.status | to_entries[] | [.key, .value]),
    ["descriptors", (.descriptors | list)], ["processes", (.processes | list)], ["cgroup", (.cgroup | list)],
    ["files", ([.files[] | .[]] | unique | list)], ["present", (.present - ["/run", "/var"] | list)],
    ["devices", (.devices | list)], ["set-id", (."set-id mounts" | list)], ["hostname", .hostname],
    ["user_namespaces", .user_namespaces], ["clone3", .attempts.clone3], ["raw", .attempts["open a raw socket"]],
    ["interfaces", (.interfaces | tojson)],
    ["writable", ([.mounts[] | select(.target == ("/", "/usr", "/etc", "/dev", "/sys/fs/cgroup", "/proc/sys",
      "/proc/irq", "/proc/bus", "/proc/fs", "/proc/sysrq-trigger")) | select(ro | not) | .target] | list)],
    ["masked", ([.mounts[].target | select(. == ("/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/acpi"))]
      | sort | list)],
    ["did", ([.attempts | to_entries[] | select(.value == "did it") | .key] | join(", "))],
    (.namespaces | to_entries[] | ["ns." + .key, .value]) | map(tostring | gsub("\t"; " ")) | join("\t")' "$1.json")
}

beyond() { # MASK : the capability sets that hold more than MASK
  local set
  for set in CapInh CapPrm CapEff CapBnd CapAmb; do
    ((0x${told[$set]:-ffffffffffffffff} & ~$1)) && echo "$set ${told[$set]:-}"
  done
  return 0
}

declare -A namespaces
for tenant in "${tenants[@]}"; do
  learn "$tenant"
  granted=0 did='kill PID 1' visible='' # the kernel lets it send the signal, and PID 1 never sees it
  case $tenant in
  captain) granted=$((1 << 10 | 1 << 13 | 1 << 0)) did='kill PID 1, open a raw socket' ;;
  probe-cache) visible=lib ;;
  probe-database) visible='lib postgresql' ;;
  probe-web-role) visible='lib log www' ;;
  esac
  same "$tenant: is root inside" "${told[Uid]:-}" '0 0 0 0'
  same "$tenant: no capability set holds more than the policy" "$(beyond $granted)" ''
  same "$tenant: holds what the policy grants" "${told[CapEff]:-}" "$(printf %016x $granted)"
  same "$tenant: a filter and no_new_privs" "${told[Seccomp]:-} ${told[NoNewPrivs]:-}" '2 1'
  same "$tenant: open descriptors are the standard streams only" "${told[descriptors]:-}" '0 1 2'
  same "$tenant: sees its own processes only" "${told[processes]:-}" '1 2'
  same "$tenant: of /run, /var, /home and /root it sees what the policy names" "${told[files]:-}" "$visible"
  same "$tenant: no secrets and no kernel interfaces" "${told[present]:-}" ''
  same "$tenant: /dev holds the standard nodes only" "${told[devices]:-}" \
    '.masked fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero'
  same "$tenant: no mount honours set-user-id" "${told[set-id]-missing}" ''
  same "$tenant: the root, /usr, /etc, /dev, the groups and /proc/sys are read-only" "${told[writable]:-}" ''
  same "$tenant: kernel files are masked" "${told[masked]:-}" '/proc/acpi /proc/kcore /proc/keys /proc/timer_list'
  same "$tenant: sees its own group as the root of all groups" "${told[cgroup]:-}" 0::/
  same "$tenant: cannot make user namespaces" "${told[user_namespaces]:-}" 0
  same "$tenant: of all that it tries, it gets away with what it may do" "${told[did]:-}" "$did"
  same "$tenant: clone3 answers ENOSYS, so that libraries fall back to clone" "${told[clone3]:-}" ENOSYS
  check "$tenant: still runs after it has sent SIGKILL to its PID 1" is_running "$tenant"
  case $tenant in
  probe-python-app | probe-web-role)
    same "$tenant: has the host's network, as its policy says" "${told[ns.net]:-}" "$(readlink /proc/1/ns/net)"
    told[ns.net]=
    ;;
  probe-untrusted-code) # its policy forbids the sockets that would tell more
    same "$tenant: no interface but lo" "${told[interfaces]:-}" '{"lo":"EPERM"}'
    ;;
  *) same "$tenant: no interface but lo" "${told[interfaces]:-}" '{"lo":"up"}' ;;
  esac
  case $tenant in
  captain)
    same 'captain: the host name is the one of its policy' "${told[hostname]:-}" bridge
    same 'captain: CAP_NET_RAW counts in its own network' "${told[raw]:-}" 'did it'
    ;;
  *) same "$tenant: the host name is the policy's tenant" "${told[hostname]:-}" "${tenant#probe-}" ;;
  esac
  for kind in mnt pid uts ipc user cgroup net; do namespaces[$kind]+="${told[ns.$kind]-missing} "; done
done

for kind in mnt pid uts ipc user cgroup net; do
  shared=$(xargs --max-args=1 <<<"${namespaces[$kind]} $(readlink "/proc/1/ns/$kind")" | sort | uniq --repeated)
  same "no two tenants share a $kind namespace, and none the host's" "$shared" ''
done

# ranges FILE-NAME : "FIRST COUNT TENANT" of all maps, ordered; each must end before the next begins
overlapping() {
  local tenant
  for tenant in "${tenants[@]}"; do
    awk -v tenant="$tenant" '{ print $2, $3, tenant }' "/proc/$(first_process "$tenant")/$1"
  done | sort --numeric-sort | awk '$1 < end { print $3, "overlaps", last } { end = $1 + $2; last = $3 }
    $1 < 65536 { print $3, "holds ids of the host" } $2 != 65536 { print $3, "holds", $2, "ids" }'
}
same 'the id maps of all tenants are disjoint, and none touches the host'"'"'s users' "$(overlapping uid_map)" ''
same 'so are those of groups' "$(overlapping gid_map)" ''

# kernel TENANT FILE : what the kernel reports on the host's side
kernel() { tr '\n' ' ' <"$TENANTS_UNIT/$1/$2" | sed 's/ $//'; }
MiB=1048576
# limits TENANT CPU.MAX BURST WEIGHT MEMORY.MAX HIGH LOW MIN SWAP PIDS IO.MAX
limits() {
  local files=(cpu.max cpu.max.burst cpu.weight memory.max memory.high memory.low memory.min memory.swap.max pids.max io.max)
  local tenant=$1 file
  shift
  for file in "${files[@]}"; do
    same "$tenant: the kernel's $file is what the policy says" "$(kernel "$tenant" "$file")" "$1"
    shift
  done
}
limits probe-cache '100000 100000' 0 200 $((256 * MiB)) $((240 * MiB)) $((160 * MiB)) 0 0 32 ''
limits probe-database 'max 100000' 0 400 $((512 * MiB)) $((480 * MiB)) $((256 * MiB)) 0 0 256 ''
limits probe-python-app '100000 100000' 10000 100 $((256 * MiB)) $((224 * MiB)) 0 0 0 64 ''
limits probe-untrusted-code '50000 100000' 0 10 $((128 * MiB)) max 0 0 0 32 \
  "$root_number rbps=10485760 wbps=10485760 riops=500 wiops=500"
limits probe-web-role '150000 100000' 20000 200 $((256 * MiB)) $((224 * MiB)) $((64 * MiB)) 0 0 64 ''
limits probe-worker-role '100000 100000' 0 20 $((256 * MiB)) $((192 * MiB)) 0 0 0 64 \
  "$root_number rbps=41943040 wbps=10485760 riops=2000 wiops=max"
limits captain '37500 50000' 5000 150 $((48 * MiB)) $((40 * MiB)) $((8 * MiB)) $((4 * MiB)) $MiB 24 \
  "$data_number rbps=12582912 wbps=12582912 riops=300 wiops=max"
same 'captain: runs on the processor that the policy names' "$(kernel captain cpuset.cpus.effective)" 1
same 'inspect reports for every limit what the kernel reports' "$(for tenant in "${tenants[@]}"; do
  isoctl inspect "$tenant" --json | jq --raw-output '.limits[] | select(.asked != .kernel) | .file + ": " + .asked + " | " + .kernel'
done)" ''

# The tenant's PID 1, which everything in the tenant could turn to.
pid=$(first_process captain)
same 'PID 1 holds no capability but CAP_KILL' \
  "$(sed -n 's/^Cap\(Inh\|Prm\|Eff\|Bnd\|Amb\):\t//p' "/proc/$pid/status" | tr '\n' ' ')" \
  '0000000000000000 0000000000000020 0000000000000020 0000000000000000 0000000000000000 '
matches 'PID 1 runs from memory, not from a file of the host' "$(readlink "/proc/$pid/exe")" '^/memfd:.*deleted'

# --- the same under a daemon that was started by hand -------------------------------------------------------------

# limits_of GROUP : every setting of a group, one on a line
limits_of() {
  (cd "$1" && grep --with-filename --no-messages '' {cpu.{max,max.burst,weight,idle},cpuset.{cpus,mems},pids.max,io.{max,weight}} \
    memory.{max,high,low,min,swap.max,swap.high,oom.group,zswap.max} cgroup.{type,freeze,max.depth,max.descendants}) || true # there is no zswap everywhere
}
limits_of "$TENANTS_UNIT/captain" >unit.limits
end_tenant "${tenants[@]}"

mkdir "$bare_group" /run/bare
echo '+cpu +cpuset +io +memory +pids' >/sys/fs/cgroup/cgroup.subtree_control
cat >bare.yaml <<'P'
socket: /run/bare/io.isolated
state: /run/bare/state
persistent_state: /var/lib/bare
cgroup: {parent: /sys/fs/cgroup/bare}
logs: {directory: /run/bare/logs}
seccomp_cache: /run/bare/seccomp
P
# All that a careless starter can hand down: niceness, scores, limits, masks, a session, open files, odd variables.
(
  cd /srv/data
  umask 0077
  ulimit -S -n 200 && ulimit -n 5000 && ulimit -c unlimited && ulimit -s 1024 && ulimit -l 64 && ulimit -S -f 9999999
  exec 7</etc/shadow 9<>/srv/data/left-open
  trap '' HUP USR1 PIPE INT
  SECRET=leaked ODD=1 exec choom --adjust 300 -- taskset --cpu-list 0 nice --adjustment=7 ionice --class idle \
    setsid isolated --config "$OLDPWD/bare.yaml"
) >bare.log 2>&1 &
bare_daemon=$!
check 'a daemon starts by hand, without systemd' eventually 60 test -S /run/bare/io.isolated || true
[[ -S /run/bare/io.isolated ]] || { cat bare.log; finish; }

mkdir bare
start_probe captain /run/bare/io.isolated bare/captain.json -f captain.yaml
start_probe probe-web-role /run/bare/io.isolated bare/probe-web-role.json -f web-role.root.yaml
for tenant in captain probe-web-role; do
  eventually 120 has_told "bare/$tenant.json" ||
    fails "$tenant starts under the bare daemon" "$(cat "bare/$tenant.json.errors" bare.log)"
  # What has to differ: which ids, and which namespaces, apart from those that both share with the host.
  comparable='del(.uid_map, .gid_map, .namespaces) | .environment |= to_entries'
  same "$tenant: mounts, capabilities, groups, score, niceness, limits and all else are the same as under the unit" \
    "$(jq --sort-keys "$comparable" "bare/$tenant.json")" "$(jq --sort-keys "$comparable" "$tenant.json")"
done
matches 'captain: its settings were read' "$(<unit.limits)" 'memory.max:50331648'
same 'captain: every setting of its group is the same' "$(limits_of "$bare_group/captain")" "$(<unit.limits)"

export ISOLATED_SOCKET=/run/bare/io.isolated
sleeping_policy talker | isoctl spawn -f - -- /bin/echo 'a word from the bare daemon' >/dev/null
eventually 20 has_ended talker || true
for socket in /run/isolated/io.isolated /run/bare/io.isolated; do
  same "under $socket, a plain command ignores no signal and blocks none" \
    "$(sleeping_policy plain | isoctl run --socket "$socket" -f - -- /bin/grep --extended-regexp 'Sig(Ign|Blk)' /proc/self/status | tr -d '\n\t')" \
    'SigBlk:0000000000000000SigIgn:0000000000000000'
done
said() { isoctl logs talker | grep --quiet 'a word from the bare daemon'; }
check "'isoctl logs' finds what a tenant of the bare daemon has printed" eventually 20 said
end_tenants
unset ISOLATED_SOCKET
kill -TERM "$bare_daemon"
check 'the bare daemon ends with status 0 on SIGTERM' wait "$bare_daemon"
bare_daemon=
same 'and has left no group behind' "$(find "$bare_group" -mindepth 1 -type d)" ''
finish
