#!/bin/bash
# The escape suite: attacks from inside of tenants, each refused by default and each shown to get further where a
# test-only tenant-init leaves its defence out. `make test` brings the bundle in; by hand:
#   make -C Tests/Lab/escape && Tests/Lab/suite --file .build/escape-lab:/lab/escape Tests/Lab/tests/35-escape.sh
# With names of attacks as arguments of Tests/Lab/run, only those. docs/escape-suite.md tells more.
# lab-timeout: 600
# A text for another shell is quoted from this one (SC2016).
# shellcheck disable=SC2016
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"

[[ -x /lab/escape/attack ]] || { echo "the bundle is not in the guest: see this script's head" >&2; exit 1; }
programs=/usr/local/lib/escape
free_group=/sys/fs/cgroup/escape-free
weak_daemon='' host_side=''
export VICTIM_WORD=86399 HOST_PORT=47011 SHARED_KEY=348 BOMB_MIB=64

clean_up() {
  end_tenants
  echo 0 >/proc/sys/vm/nr_hugepages
  for process in $weak_daemon $host_side; do
    kill "$process" 2>/dev/null || true
    wait "$process" 2>/dev/null || true
  done
  rm -f /dev/mqueue/escape-host
  ipcrm --shmem-key "$SHARED_KEY" 2>/dev/null || true
  for group in "$free_group" /sys/fs/cgroup/escape; do
    [[ -d $group ]] || continue
    echo 1 >"$group/cgroup.kill" || true
    eventually 10 find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
  rm -rf "$programs" /srv/escape /run/escape /var/lib/escape
}
trap clean_up EXIT

# What a tenant can run, and what the host keeps from it.
install -D --mode=0755 /lab/escape/attack "$programs/attack"
install --mode=4755 /lab/escape/attack "$programs/set-user-id"
install --mode=0755 /lab/escape/attack "$programs/file-capabilities"
setcap cap_sys_admin+ep "$programs/file-capabilities"
install -D --mode=0755 /lab/escape/weak-init /run/escape/weak-init
mkdir -p /srv/escape/{outside,other,shared/{place,tree}}
echo 'only the host reads this' >/srv/escape/secret
chmod 0777 /srv/escape/{outside,shared,shared/{place,tree}}
chown 65534:65534 /srv/escape/{other,shared,shared/{place,tree}}
ln -s /srv/escape/outside /srv/escape/shared/link
chown --no-dereference 65534:65534 /srv/escape/shared/link
ln -s circle /srv/escape/shared/circle
ln -s /srv/escape/outside /srv/escape/shared/chain-30
for number in {29..1}; do ln -s "chain-$((number + 1))" "/srv/escape/shared/chain-$number"; done
ln -s chain-1 /srv/escape/shared/chain

# A root file system of one program.
mkdir -p /srv/escape/base/{bin,dev,etc,proc,sys/fs/cgroup,tmp}
cp /lab/escape/attack /srv/escape/base/bin/attack
echo 'root:x:0:0::/:/bin/sh' >/srv/escape/base/etc/passwd
echo 'root:x:0:' >/srv/escape/base/etc/group

# Pages that the administrator has set aside.
echo 4 >/proc/sys/vm/nr_hugepages

# A neighbour, and the host's own side.
sleeping_policy victim | isoctl spawn -f - -- /bin/sleep 86399 >/dev/null
disk=$(basename "$(findmnt --noheadings --output SOURCE --target /usr)")
IFS=: read -r DISK_MAJOR DISK_MINOR <"/sys/class/block/$disk/dev"
VICTIM_PID=$(payload_of victim)

export DISK_MAJOR DISK_MINOR VICTIM_PID
"$programs/attack" --host >host-side.log 2>&1 &
export HOST_PID=$!
host_side=$HOST_PID
check 'the host has what an attack looks for' eventually 20 grep --quiet ready host-side.log

# The daemon of the control runs: the product's own, with the test's tenant-init.
mkdir "$free_group" /sys/fs/cgroup/escape
echo '+cpu +io +memory +pids' >/sys/fs/cgroup/cgroup.subtree_control
cat >weak.yaml <<'P'
socket: /run/escape/io.isolated
state: /run/escape/state
persistent_state: /var/lib/escape
tenant_init: /run/escape/weak-init
cgroup: {parent: /sys/fs/cgroup/escape}
logs: {directory: /run/escape/logs}
metrics: {listen: none}
P
setsid isolated --config "$PWD/weak.yaml" >weak.log 2>&1 &
weak_daemon=$!
check 'the daemon of the control runs starts' eventually 60 test -S /run/escape/io.isolated

mkdir -p /lab/out
check 'every attack is refused by default, and gets further without its defence' \
  python3 /lab/escape/suite.py /lab/out/escape-suite.txt "$@"
cat /lab/out/escape-suite.txt

echo 'what public tools report of a tenant of the default policy'
sleeping_policy probe 'user: root' | isoctl run -f - -- /bin/sh -c '
  for tool in "capsh --print" "setpriv --dump" "systemd-detect-virt" "lsns" "findmnt --output TARGET,FSTYPE,OPTIONS"; do
    echo "\$ $tool"
    $tool 2>&1
    echo
  done' >/lab/out/probe.txt
told=$(</lab/out/probe.txt)
matches 'capsh finds no capability, not even in the bounding set' "$told" $'Current: =\nBounding set =\n'
matches 'and no_new_privs' "$told" 'no-new-privs=1'

check 'the neighbour lives' is_running victim
same 'the host has its name' "$(hostname)" "$(</proc/sys/kernel/hostname)"
finish
