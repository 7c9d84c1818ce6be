#!/bin/bash
# The scheduler on what lies between a file system and a disk: a partition, a volume of device-mapper, RAID 0 and 1, XFS
# and btrfs. On each, a reader with a target gets its reads beside a flood, and the flood has nearly all the rest.
# lab-disks: d1:iops=800,size=1G d2:iops=800,size=1G
# lab-timeout: 900
# lab-alone
# Functions run by name (SC2317).
# shellcheck disable=SC2317
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"
# shellcheck source=Tests/Lab/lib/disks.sh
. "$LAB/lib/disks.sh"

place=/srv/stacked
first=$(readlink --canonicalize /dev/disk/by-id/d1)
second=$(readlink --canonicalize /dev/disk/by-id/d2)
# stop_raid : takes the array apart, if there is one
stop_raid() { [[ ! -e /sys/block/md7/md/array_state ]] || echo clear >/sys/block/md7/md/array_state; }
clean_up() {
  end_tenants
  eventually 10 umount "$place" 2>/dev/null || true
  dmsetup remove io-stacked 2>/dev/null || true
  stop_raid
  rmdir "$place" 2>/dev/null || true
  rm -rf /var/lib/isolated/io
}
trap clean_up EXIT
mkdir "$place"

# raid LEVEL : /dev/md7 of both disks, without metadata; the kernel's own interface, as mdadm would use it
raid() {
  local md=/sys/block/md7/md disk slot=0
  modprobe "$1"
  [[ -e /sys/block/md7 ]] || echo md7 >/sys/module/md_mod/parameters/new_array
  echo "$1" >$md/level
  echo 2 >$md/raid_disks
  [[ $1 == raid1 ]] || echo 65536 >$md/chunk_size
  for disk in "$first" "$second"; do
    cat "/sys/class/block/$(basename "$disk")/dev" >$md/new_dev
    echo $((900 * 1024)) >"$md/dev-$(basename "$disk")/size"
    echo $slot >"$md/dev-$(basename "$disk")/slot"
    slot=$((slot + 1))
  done
  if [[ $1 == raid1 ]]; then
    echo $((900 * 1024)) >$md/component_size
    echo none >$md/resync_start
  fi
  echo active >$md/array_state
  udevadm settle
}

# on WHAT NODE TYPE RATE [KNOWN] : a file system of that type on the node, whose disk does so many operations a second, and
# was measured before or not
on() {
  local what=$1 node=$2 type=$3 rate=$4 known=${5:-} number reads
  echo "$what"
  case $type in
    ext4) mkfs.ext4 -q -F "$node" ;;
    xfs) mkfs.xfs -q -f "$node" ;;
    btrfs) mkfs.btrfs -q -f "$node" ;;
  esac
  mount "$node" "$place"
  dd if=/dev/zero of="$place/data" bs=1M count=128 oflag=direct status=none
  chown -R 65534:65534 "$place"
  number=$(number_of "$node")
  [[ -n $known ]] || check 'it is measured' isoctl io calibrate "$place" --save
  fio_tenant victim "$place" 'latency: {read: {p99: 20ms}}' --filename="$place/data" --size=128M --direct=1 \
    --ioengine=psync --rw=randread --bs=4k --rate_iops=50
  fio_tenant bulk "$place" 'weight: 100' --filename="$place/data" --size=128M --direct=1 \
    --ioengine=libaio --rw=randread --bs=4k --iodepth=64 --numjobs=2
  sleep 6
  mapfile -t reads < <(counted_in 10 "$number" rios victim bulk)
  echo "      victim ${reads[0]}, bulk ${reads[1]} of $((rate * 10))"
  echo "      $(of_tenant "$number" bulk '"\(.state): \(.reason)"')"
  echo "      victim's reads: $(of_tenant "$number" victim '.latencies | tostring')"
  between 'the reader gets its 50 reads a second' "${reads[0]}" 400 550
  between 'and the flood nearly all the rest' $((reads[0] + reads[1])) $((rate * 85 / 10)) $((rate * 105 / 10))
  matches 'which is held back on this device' "$(<"$TENANTS_UNIT/bulk/io.max")" "^$number .*riops=[0-9]+"
  matches 'for a reason that is said' "$(of_tenant "$number" bulk .reason)" 'for the latency of victim'
  end_tenant victim bulk
  umount "$place"
}

printf 'size=900M\n' | sfdisk --quiet --label gpt "$first"
udevadm settle
on 'a partition' "${first}p1" ext4 800
wipefs --quiet --all "${first}p1" "$first"
udevadm settle
on 'XFS' "$first" xfs 800 known
on 'btrfs' "$first" btrfs 800
wipefs --quiet --all "$first"
dmsetup create io-stacked --table "0 1843200 linear $first 0"
udevadm settle
on 'a volume of device-mapper' /dev/mapper/io-stacked ext4 800
dmsetup remove io-stacked
wipefs --quiet --all "$first"
raid raid0
on 'RAID 0' /dev/md7 ext4 1600
stop_raid
raid raid1
on 'RAID 1' /dev/md7 ext4 1600
stop_raid
finish
