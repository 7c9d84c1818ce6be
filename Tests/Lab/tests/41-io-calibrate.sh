#!/bin/bash
# isoctl io devices and io calibrate: finds a throttle and its rate, a rising curve, and refuses what can't be measured.
# By hand, with another isoctl than the package's:
#   Tests/Lab/run --no-product --disk d1:iops=800,size=2G --disk s1:model=ssd,size=2G \
#     --file DIR:/lab/isoctl Tests/Lab/tests/41-io-calibrate.sh
# lab-disks: d1:iops=800,size=2G s1:model=ssd,size=2G
# lab-timeout: 600
# lab-alone
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"

if [[ -x /lab/isoctl/isoctl ]]; then PATH=/lab/isoctl:$PATH; fi
throttled=$(readlink --canonicalize /dev/disk/by-id/d1)
ssd=$(readlink --canonicalize /dev/disk/by-id/s1)
mount=/srv/io-calibrate
mkdir -p "$mount"
clean_up() {
  umount "$mount" 2>/dev/null || true
  rmdir "$mount" 2>/dev/null || true
}
trap clean_up EXIT

# refused SENTENCE REGEX ARGUMENT... : io calibrate fails, and says so
refused() {
  local sentence=$1 expected=$2 status=0 said
  shift 2
  said=$(isoctl io calibrate "$@" 2>&1) || status=$?
  same "$sentence is refused" "$status" 1
  matches 'and it says why' "$said" "$expected"
}

echo 'what is known'
isoctl io devices --json >devices.json
check 'all disks of the kernel are listed' \
  test "$(jq '[.disks[].name] | contains([$a, $b])' --arg a "$(basename "$throttled")" --arg b "$(basename "$ssd")" devices.json)" = true
same 'with their sizes' "$(jq --arg name "$(basename "$throttled")" '.disks[] | select(.name == $name) | .size' devices.json)" \
  $((2 << 30))
check 'the table fits 80 columns' bash -c \
  "script --quiet --command 'stty columns 80; isoctl io devices' /dev/null | tr --delete '\r' | sed 's/\x1b\[[0-9]*m//g' |
   LC_ALL=C.UTF-8 awk 'length > 80 { exit 1 }'"

echo 'a throttled volume'
check 'it is measured' bash -c "isoctl io calibrate --destroy --json --save-to saved --svg curve.svg $throttled >d1.json"
between 'its random reads are within 5 % of 800' "$(jq '.rates.random.read | round' d1.json)" 760 840
between 'and its writes' "$(jq '.rates.random.write | round' d1.json)" 760 840
between 'the throttle is found' "$(jq '.throttle.iops | round' d1.json)" 760 840
same 'and is certain' "$(jq '.throttle.isCertain' d1.json)" true
between 'it takes less than 60 s' "$(jq '.seconds | ceil' d1.json)" 20 60
between 'the tenth of a second that it lets through at once is seen, in ms' "$(jq '.burst * 1000 | round' d1.json)" 50 200
between 'the cost model foretells a mix within 10 %' "$(jq '.mixedCheck | (.predicted / .measured - 1) * 100 | round' d1.json)" -10 10
check 'the image is well-formed' python3 -c 'import xml.dom.minidom as xml; xml.parse("curve.svg")'
check 'what was saved is what was printed' bash -c 'cmp <(jq --sort-keys . saved/disk-*.json) <(jq --sort-keys . d1.json)'
same 'nothing else was saved' "$(find saved -type f | wc --lines)" 1

echo 'a file on a disk'
mkfs.ext4 -q "$ssd"
mount "$ssd" "$mount"
before=$(stat --file-system --format=%f "$mount")
check 'a disk is measured through a scratch file' bash -c "isoctl io calibrate --json $mount >s1.json"
same 'the curve rises' "$(jq '[.curves[0].points[].p99] | . == sort' s1.json)" true
check 'its p99 at half the load is below that near the full one' \
  test "$(jq '.curves[0].points | (map(select(.utilisation == 0.5))[0].p99) < (last | .p99)' s1.json)" = true
same 'no throttle is found' "$(jq '.throttle // "none"' s1.json)" '"none"'
between 'it takes less than 60 s' "$(jq '.seconds | ceil' s1.json)" 20 60
sync --file-system "$mount"
between 'all room is free again, in blocks' "$(($(stat --file-system --format=%f "$mount") - before))" -64 64
jq --compact-output '{disk: .disk.name, rates, burst, throttle, seconds, mixedCheck, curveCheck, warnings}' d1.json s1.json
jq --raw-output '.disk.name, (.curves[0].points[] | [.utilisation, .offered, .rate, .p50 / 1e6, .p99 / 1e6, .rawP99 / 1e6, .samples, .isSaturated] | @tsv)' d1.json s1.json

echo 'an end before the end'
isoctl io calibrate "$mount" >interrupted.txt 2>&1 &
running=$!
sleep 5
check 'it runs' kill -0 "$running"
kill -INT "$running"
status=0
wait "$running" || status=$?
same 'SIGINT ends it with 130' "$status" 130
matches 'and it says so' "$(cat interrupted.txt)" 'interrupted'
isoctl io calibrate "$mount" >killed.txt 2>&1 &
running=$!
sleep 4
kill -KILL "$running"
wait "$running" 2>/dev/null || true
same 'no file is left' "$(find "$mount" -mindepth 1 -not -name lost+found | wc --lines)" 0
sync --file-system "$mount"
between 'and no room is lost, in blocks' "$(($(stat --file-system --format=%f "$mount") - before))" -64 64

echo 'refusals'
refused 'a mounted device' 'is mounted at /srv/io-calibrate' --destroy "$ssd"
refused 'a device without --destroy' 'would write over' "$throttled"
refused 'a device that is not there' 'no such device' /dev/nvme9n9
refused 'a path in memory' 'tmpfs' /dev/shm
refused '/proc' 'no disk' /proc
refused 'a file' 'neither a directory nor a block device' /etc/passwd
mount --options remount,ro "$mount"
refused 'a read-only file system' 'read-only' "$mount"
umount "$mount"
mkfs.ext4 -q -F "$ssd" 200M
mount "$ssd" "$mount"
refused 'too small a space' 'free' "$mount"
umount "$mount"
dmsetup create io-calibrate --table "0 1048576 linear $ssd 0"
refused 'a disk that another device is made of' 'is a part of dm-' --destroy "$ssd"
dmsetup remove io-calibrate
finish
