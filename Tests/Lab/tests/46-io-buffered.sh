#!/bin/bash
# Buffered writes under the scheduler: write-back is charged to the tenant that wrote and held back beside a target on
# another file system of the same disk; on a shared one a warning says that it can't be.
# lab-disks: d1:iops=800,size=2G
# lab-timeout: 300
# lab-alone
# Functions run by name (SC2317).
# shellcheck disable=SC2317
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"

clean_up() {
  end_tenant victim bulk syncer
  eventually 10 umount /srv/a 2>/dev/null || true
  eventually 10 umount /srv/b 2>/dev/null || true
  rmdir /srv/a /srv/b 2>/dev/null || true
  rm -rf /var/lib/isolated/io
}
trap clean_up EXIT
node=$(readlink --canonicalize /dev/disk/by-id/d1)
name=$(basename "$node")
number=$(<"/sys/block/$name/dev")
printf 'size=900M\nsize=900M\n' | sfdisk --quiet --label gpt "$node"
udevadm settle
for place in a:1 b:2; do
  part="${node}p${place#*:}"
  directory="/srv/${place%:*}"
  mkfs.ext4 -q "$part"
  mkdir -p "$directory"
  mount "$part" "$directory"
  dd if=/dev/zero "of=$directory/data" bs=1M count=128 oflag=direct status=none
  chown -R 65534:65534 "$directory"
done

# fio_tenant NAME DIRECTORY "IO LINE" FIO-ARGUMENT...
fio_tenant() {
  local name=$1 directory=$2 line=$3
  shift 3
  printf 'tenant: %s\ncommand: [/bin/true]\nmemory: {max: 128MiB}\npids: {max: 64}\nroot: {base: host, writable: [%s]}\nio:\n  - device: %s\n    %s\n' \
    "$name" "$directory" "$directory" "$line" >"$name.yaml"
  isoctl spawn -f "$name.yaml" -- /usr/bin/fio "--name=$name" --time_based --runtime=600 --thread "$@" >/dev/null
}
of_disk() { isoctl io top --once --json | jq --raw-output ".disks[] | select(.number == \"$number\") | $1"; }
of_tenant() { of_disk ".tenants[] | select(.name == \"$1\") | $2"; }
# counted NAME KEY : of the tenant's io.stat
counted() {
  local count
  count=$(sed -n "s/^$number .*$2=\([0-9]*\).*/\1/p" "$TENANTS_UNIT/$1/io.stat")
  echo "${count:-0}"
}

check 'the disk is measured' isoctl io calibrate /srv/a --save
fio_tenant victim /srv/a 'latency: {read: {p99: 20ms}}' --filename=/srv/a/data --size=128M --direct=1 \
  --ioengine=psync --rw=randread --bs=4k --rate_iops=50
fio_tenant bulk /srv/b 'weight: 100' --filename=/srv/b/bulk --size=512M --ioengine=psync --rw=randwrite --bs=4k \
  --fsync_on_close=1 --end_fsync=1
sleep 20
before=$(counted victim rios)
written=$(counted bulk wios)
sleep 10
reads=$(($(counted victim rios) - before))
writes=$(($(counted bulk wios) - written))
echo "      $(of_disk '"phase \(.phase) rate \(.rate) unheld"'); bulk: $(of_tenant bulk '"\(.state) \(.reason) held \(.heldShare)"')"
echo "      victim: $(of_tenant victim '.latencies | tostring')"
echo "      io.max $(grep "^$number" "$TENANTS_UNIT/bulk/io.max" || true)"
between 'the victim gets its 50 reads a second' "$reads" 420 540
check "write-back is charged to who wrote ($writes writes in 10 s)" test "$writes" -gt 2000
matches 'its line of io.max holds it back' "$(<"$TENANTS_UNIT/bulk/io.max")" "^$number .*wiops=[0-9]+"
check 'it is held back for most of the time' test "$(of_tenant bulk '.heldShare > 0.5')" = true
same 'nothing is warned of' "$(of_disk '.warnings | length')" 0

fio_tenant syncer /srv/b 'latency: {sync_write: {p99: 200ms}}' --filename=/srv/b/log --size=16M --ioengine=psync \
  --rw=write --bs=4k --fsync=1 --rate_iops=5
matches 'an fsync on a shared file system is warned of' "$(of_disk '.warnings | join(" ")')" 'syncer.*bulk|bulk.*syncer'
matches 'for people too' "$(isoctl io top --once)" 'warning: '
of_disk '.warnings[]'
finish
