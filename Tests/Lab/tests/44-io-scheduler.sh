#!/bin/bash
# The scheduler at work: a tenant with a latency target beside one that floods the disk, weights, a daemon that dies in
# mid-contention, one that stops, and a disk that goes away.
# lab-disks: d1:iops=800,size=2G d2:size=1G
# lab-timeout: 600
# lab-alone
# Functions run by name (SC2317).
# shellcheck disable=SC2317
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"

kept=/var/lib/isolated/io
clean_up() {
  end_tenants
  eventually 10 umount /srv/d1 2>/dev/null || true
  eventually 10 umount /srv/d2 2>/dev/null || true
  rmdir /srv/d1 /srv/d2 2>/dev/null || true
  rm -rf "$kept"
}
trap clean_up EXIT
for disk in d1 d2; do
  mkfs.ext4 -q "/dev/disk/by-id/$disk"
  mkdir -p "/srv/$disk"
  mount "/dev/disk/by-id/$disk" "/srv/$disk"
  dd if=/dev/zero "of=/srv/$disk/data" bs=1M count=128 oflag=direct status=none
  chown -R 65534:65534 "/srv/$disk"
done
name=$(basename "$(readlink --canonicalize /dev/disk/by-id/d1)")
number=$(cat "/sys/block/$name/dev")

# fio_tenant NAME DISK "IO LINE" FIO-ARGUMENT... : a tenant that runs fio on a disk until it is ended
fio_tenant() {
  local name=$1 disk=$2 line=$3
  shift 3
  printf 'tenant: %s\ncommand: [/bin/true]\nmemory: {max: 128MiB}\npids: {max: 64}\nroot: {base: host, writable: [/srv/%s]}\nio:\n  - device: /srv/%s\n    %s\n' \
    "$name" "$disk" "$disk" "$line" >"$name.yaml"
  isoctl spawn -f "$name.yaml" -- /usr/bin/fio "--name=$name" "--filename=/srv/$disk/data" --size=128M --direct=1 \
    --time_based --runtime=600 --thread "$@" >/dev/null
}
victim() {
  fio_tenant victim d1 'latency: {read: {p99: 20ms}}' --ioengine=psync --rw=randread --bs=4k --rate_iops=50
}
flood() { fio_tenant "$1" "${3:-d1}" "$2" --ioengine=libaio --rw=randread --bs=4k --iodepth=64 --numjobs=2; }

# reads NAME : reads of d1 that a tenant's group was charged so far
reads() {
  local count
  count=$(sed -n "s/^$number .*rios=\([0-9]*\).*/\1/p" "$TENANTS_UNIT/$1/io.stat")
  echo "${count:-0}"
}
# reads_of SECONDS NAME... : how many each did meanwhile, one after another
reads_of() {
  local seconds=$1 tenant
  shift
  declare -A before
  for tenant in "$@"; do before[$tenant]=$(reads "$tenant"); done
  sleep "$seconds"
  for tenant in "$@"; do echo $(($(reads "$tenant") - before[$tenant])); done
}
top() { isoctl io top --once --json; }
# of_tenant NAME FILTER : something of its line in io top, on d1
of_tenant() { top | jq --raw-output ".disks[] | select(.number == \"$number\") | .tenants[] | select(.name == \"$1\") | $2"; }
has_state() { [[ $(of_tenant "$1" .state) == "$2" ]]; }
is_scheduled() { [[ -n $(of_disk .phase) ]]; }
is_idle() { [[ $(top | jq '.disks | length') == 0 ]]; }
is_another() { [[ $(systemctl show --property=MainPID --value isolated) != "$1" ]] && isoctl version >/dev/null; }
of_disk() { top | jq --raw-output ".disks[] | select(.number == \"$number\") | $1"; }

check 'the disk is measured' isoctl io calibrate /srv/d1 --save

echo 'a target beside a flood'
victim
check 'the disk is scheduled' eventually 10 is_scheduled
sleep 2
alone=$(reads_of 6 victim)
between 'alone, the victim gets its 50 reads a second' "$alone" 240 330
flood bulk 'weight: 100'
sleep 4
mapfile -t both < <(reads_of 10 victim bulk)
echo "      victim ${both[0]}, bulk ${both[1]} of 8000"
between 'beside a flood of depth 128 the victim still gets them' "${both[0]}" 400 550
between 'and the flood has nearly all the rest of the disk' $((both[0] + both[1])) 6800 8400
same 'the flood is held back' "$(of_tenant bulk .state)" share
matches 'for a reason that is said' "$(of_tenant bulk .reason)" 'held at .* for the latency of victim'
check 'the victim is not' test "$(of_tenant victim .heldShare)" = 0
matches 'inspect tells the decision' "$(isoctl inspect bulk)" "$name: held at .* for the latency of victim"
matches 'the kernel has the limit' "$(<"$TENANTS_UNIT/bulk/io.max")" "^$number .*riops=[0-9]+"
same 'the sensor measures the reads' "$(of_disk .sensor)" null
check 'of both tenants' test "$(of_tenant victim '.latencies[] | select(.operation == "read") | .samples')" -gt 100

echo 'the daemon is killed in the midst of it'
killed=$(systemctl show --property=MainPID --value isolated)
kill -KILL "$killed"
mapfile -t both < <(reads_of 10 victim bulk)
echo "      victim ${both[0]}, bulk ${both[1]} of 8000"
check 'it is started again' eventually 20 is_another "$killed"
between 'the victim has lost at most two seconds of reads' "${both[0]}" 380 560
check 'the promises are taken over' eventually 20 has_state bulk share

echo 'the daemon is stopped'
systemctl stop isolated.socket isolated.service 2>/dev/null || systemctl stop isolated.service
matches 'the flood keeps a limit' "$(<"$TENANTS_UNIT/bulk/io.max")" "^$number .*riops=[0-9]+"
check 'the host keeps none' not grep --quiet "^$number" /sys/fs/cgroup/system.slice/io.max
mapfile -t both < <(reads_of 6 victim bulk)
echo "      victim ${both[0]}, bulk ${both[1]} of 4800"
between 'under which the victim gets its reads' "${both[0]}" 230 340
check 'and the flood most of the rest' test $((both[0] + both[1])) -gt 3600
systemctl start isolated
check 'a new daemon takes over' eventually 20 has_state bulk share
end_tenant victim
sleep 4
alone=$(reads_of 6 bulk)
between 'with the victim gone the flood has the disk' "$alone" 4500 5100

echo 'weights'
flood heavy 'weight: 300'
sleep 4
mapfile -t both < <(reads_of 10 heavy bulk)
echo "      heavy ${both[0]}, bulk ${both[1]} of 8000"
between 'weights 300 and 100 share 3 : 1 (tenths)' $((both[0] * 10 / both[1])) 26 34
between 'and leave nothing over' $((both[0] + both[1])) 7300 8400
end_tenant heavy bulk
check 'nothing is left to schedule' eventually 10 is_idle
check 'the host has no limit' not grep --quiet "^$number" /sys/fs/cgroup/system.slice/io.max

echo 'a disk goes away'
flood bulk 'weight: 100' d2
sleep 2
gone=$(basename "$(readlink --canonicalize /dev/disk/by-id/d2)")
same 'it is scheduled' "$(top | jq '.disks | length')" 1
umount --lazy /srv/d2
echo 1 >"$(readlink --canonicalize "/sys/block/$gone/device/device")/remove"
sleep 3
check 'the daemon lives' isoctl version
matches 'and says that the disk is gone' "$(journalctl --unit=isolated --since=-1min --output=cat)" 'cannot read a disk'
end_tenant bulk
finish
