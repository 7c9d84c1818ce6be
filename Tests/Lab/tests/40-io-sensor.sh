#!/bin/bash
# The IO sensor: counts every IO once, in the right group, disk, operation and phase; agrees with fio; leaves nothing in
# the kernel. `make test` brings the probe in; by hand:
#   Tests/IOSensorProbe/bundle DIR && Tests/Lab/run --disk fast:size=1G --disk slow:iops=200,size=1G \
#     --file DIR:/lab/iosensor Tests/Lab/tests/40-io-sensor.sh
# lab-disks: fast:size=1G slow:iops=200,size=1G
# lab-timeout: 600
# lab-alone
# Functions run by name.
# shellcheck disable=SC2317
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"

probe=/lab/iosensor/iosensor-probe
program=/lab/iosensor/iolatency.bpf.o
[[ -x $probe ]] || { echo "the probe is not in the guest: see this script's head" >&2; exit 1; }

fast=$(readlink --canonicalize /dev/disk/by-id/fast)
slow=$(readlink --canonicalize /dev/disk/by-id/slow)
mount=/sys/fs/cgroup
top=$mount/io-sensor

numbers() { cat "/sys/class/block/$(basename "$1")/dev"; }
queue() { echo "/sys/block/$(basename "$1")/queue"; }

clean_up() {
  sysctl --quiet --write kernel.bpf_stats_enabled=0
  umount /srv/io-sensor 2>/dev/null || true
  rmdir /srv/io-sensor 2>/dev/null || true
  dmsetup remove io-sensor 2>/dev/null || true
  find "$top" -depth -type d -exec rmdir {} + 2>/dev/null || true
}
trap clean_up EXIT

programs() { bpftool prog list | grep --count --extended-regexp ' name (bio_(asks_limit|queued|split|completed)|request_(issued|complet))' || true; }
maps() { bpftool map list | grep --count --extended-regexp ' name (flights|histograms|rows|free_rows|state|iolatenc.rodata) ' || true; }

is_gone() { [[ "$(programs) $(maps)" == '0 0' ]]; }

echo "+io +memory" >"$mount/cgroup.subtree_control"
mkdir "$top"
echo "+io +memory" >"$top/cgroup.subtree_control"

# group NAME : makes one
group() { mkdir "$top/$1"; }
id_of() { stat --format=%i "$top/$1"; }

# within NAME COMMAND... : runs it in the group
within() {
  local name=$1
  shift
  (echo "$BASHPID" >"$top/$name/cgroup.procs" && exec "$@")
}

# fio_within NAME DEVICE OPTION... : its JSON goes to NAME.json
fio_within() {
  local name=$1 device=$2
  shift 2
  within "$name" fio --name=job --filename="$device" --direct=1 --ioengine=libaio --size=256M --output-format=json \
    --output="$name.json" "$@" >/dev/null
}

start_probe() {
  coproc PROBE { exec "$probe" "$program" "$@" 2>&1; }
  # shellcheck disable=SC2153  # bash sets it
  probe_pid=$PROBE_PID
  exec 5>&"${PROBE[1]}" 6<&"${PROBE[0]}"
  read -r loaded <&6
}

# ask COMMAND : the answer's lines, into $answer, and the end's words into $ending
ask() {
  local line
  answer='' ending=''
  echo "$1" >&5
  while read -r -t 60 line <&6; do
    [[ $line == end* ]] && { ending=$line; return; }
    answer+=$line$'\n'
  done
  fails "the probe answers to $1"
  finish
}

# counted GROUP DEVICE OPERATION : how many IOs of them were in the last window
counted() {
  awk -v group="$(id_of "$1")" -v disk="$(numbers "$2")" -v operation="$3" \
    '$1 == group && $2 == disk && $3 == operation { count = $4 } END { print count + 0 }' <<<"$answer"
}

# phase GROUP DEVICE OPERATION PHASE FIELD : FIELD 2 is the count, 3 p50, 4 p90, 5 p99, 6 p99.9, 7 the sum, ns
phase() {
  awk -v group="$(id_of "$1")" -v disk="$(numbers "$2")" -v operation="$3" -v name="$4" -v field="$5" '
    $1 == group && $2 == disk && $3 == operation {
      for (word = 5; word <= NF; word++) { split($word, part, ":"); if (part[1] == name) value = part[field] }
    }
    END { print value + 0 }' <<<"$answer"
}

# share GROUP DEVICE OPERATION PHASE : of the time from submission, per cent
share() {
  local total
  total=$(phase "$1" "$2" "$3" total 7)
  echo $(($(phase "$1" "$2" "$3" "$4" 7) * 100 / (total > 0 ? total : 1)))
}

# near SENTENCE ACTUAL EXPECTED FLOOR : within 5 % and the noise floor, all in ns
near() {
  local room=$(($3 / 20 + $4)) difference=$(($2 > $3 ? $2 - $3 : $3 - $2))
  if ((difference <= room)); then pass "$1 ($2 for $3 ns)"; else fails "$1" "$2 ns, expected $3 ± $room"; fi
}

ios() { jq ".jobs[0].$2.total_ios" "$1.json"; }

echo 'loading'
check 'nothing of the sensor is in the kernel yet' test "$(programs) $(maps)" = '0 0'
start_probe
same 'it loads on this kernel, and sees the wait for io.max' "$loaded" 'loaded throttle=true'
check 'its programs and maps are in the kernel' test "$(programs) $(maps)" = '6 6'
check 'none is pinned' test -z "$(find /sys/fs/bpf -mindepth 1 -name '*iolatency*')"

echo 'counts and owners'
group a
group b
ask mark
fio_within a "$fast" --rw=randread --bs=4k --iodepth=8 --number_ios=3000 &
fio_within b "$fast" --rw=randwrite --bs=4k --iodepth=4 --number_ios=2000
wait %%
ask window
same "a group's reads are all counted" "$(counted a "$fast" read)" "$(ios a read)"
same "its neighbour's direct writes too" "$(counted b "$fast" syncWrite)" "$(ios b write)"
same 'none in the other group' "$(counted a "$fast" syncWrite) $(counted b "$fast" read)" '0 0'
for each in total held queue device; do
  same "every IO is in the phase $each" "$(phase a "$fast" read "$each" 2)" "$(ios a read)"
done
same 'nothing was lost' "$ending" 'end 0'

ask mark
fio_within a "$fast" --rw=write --bs=1M --iodepth=2 --number_ios=64
ask window
check 'the disk takes less than 1 MiB at once' test "$(<"$(queue "$fast")/max_sectors_kb")" -lt 1024
same 'an IO that the kernel splits counts once' "$(counted a "$fast" syncWrite)" "$(ios a write)"

scheduler=$(sed 's/.*\[\(.*\)\].*/\1/' "$(queue "$slow")/scheduler")
echo mq-deadline >"$(queue "$slow")/scheduler"
before=$(awk '{ print $6 }' "/sys/block/$(basename "$slow")/stat")
ask mark
fio_within a "$slow" --rw=write --bs=4k --iodepth=64 --iodepth_batch=32 --number_ios=640
ask window
merged=$(($(awk '{ print $6 }' "/sys/block/$(basename "$slow")/stat") - before))
check 'the kernel merged some writes' test "$merged" -gt 0
same 'merged IOs count one by one' "$(counted a "$slow" syncWrite)" "$(ios a write)"
echo "$scheduler" >"$(queue "$slow")/scheduler"

echo 'agreement with fio'
ask mark
fio_within a "$slow" --rw=randread --bs=4k --iodepth=8 --number_ios=1500
ask window
fio_says() { jq ".jobs[0].read.clat_ns.percentile.\"$1.000000\"" a.json; }
near "p50 is fio's" "$(phase a "$slow" read total 3)" "$(fio_says 50)" 3000000
near "p90 is fio's" "$(phase a "$slow" read total 4)" "$(fio_says 90)" 3000000
# At the tail fio has the guest's own delays, between the end of the bio and its noticing.
between "p99 is fio's p99, or what it was before fio noticed" "$(phase a "$slow" read total 5)" \
  $(($(fio_says 90) * 95 / 100)) $(($(fio_says 99) * 105 / 100 + 3000000))
# fio's mean runs to its own completion, after the guest's slow way back.
near "the sum is fio's" "$(phase a "$slow" read total 7)" \
  "$(jq '.jobs[0].read | .clat_ns.mean * .total_ios | floor' a.json)" $((1500 * 2000000))

echo 'phases'
between "on a slow disk the device's share of the time is" "$(share a "$slow" read device)" 90 100
between 'the share of a limit that is not there is' "$(share a "$slow" read held)" 0 1
requests=$(<"$(queue "$slow")/nr_requests")
echo 4 >"$(queue "$slow")/nr_requests" # of each hardware queue
ask mark
fio_within a "$slow" --rw=randread --bs=4k --numjobs=32 --iodepth=1 --number_ios=20 --group_reporting
ask window
between 'where 32 processes share few requests, the share of queueing is' "$(share a "$slow" read queue)" 40 95
echo "$requests" >"$(queue "$slow")/nr_requests"

echo "$(numbers "$fast") riops=100" >"$top/a/io.max"
ask mark
fio_within b "$fast" --rw=randread --bs=4k --iodepth=4 --number_ios=1000 &
fio_within a "$fast" --rw=randread --bs=4k --iodepth=4 --number_ios=300
wait %%
ask window
between "of a group's time under io.max the limit's share is" "$(share a "$fast" read held)" 80 100
between 'and of its neighbour without a limit' "$(share b "$fast" read held)" 0 2
same 'IOs that were held are all counted' "$(counted a "$fast" read)" "$(ios a read)"
echo "$(numbers "$fast") riops=max wbps=4194304" >"$top/a/io.max"
ask mark
fio_within a "$fast" --rw=write --bs=1M --iodepth=1 --number_ios=16
ask window
between 'the same with split writes under a bandwidth' "$(share a "$fast" syncWrite held)" 70 100
same 'which count once' "$(counted a "$fast" syncWrite)" "$(ios a write)"
echo "$(numbers "$fast") wbps=max" >"$top/a/io.max"

echo "$(numbers "$fast") ctrl=user model=linear rbps=409600000 rseqiops=100 rrandiops=100 wbps=409600000 wseqiops=100 wrandiops=100" \
  >"$mount/io.cost.model"
echo "$(numbers "$fast") enable=1 ctrl=user rpct=0 wpct=0 min=100 max=100" >"$mount/io.cost.qos"
ask mark
fio_within a "$fast" --rw=randread --bs=4k --iodepth=2 --number_ios=300
ask window
echo "$(numbers "$fast") enable=0" >"$mount/io.cost.qos"
between "under io.cost the budget's share is" "$(share a "$fast" read held)" 70 100

echo 'write-back'
mkfs.ext4 -q "$fast"
mkdir -p /srv/io-sensor
mount "$fast" /srv/io-sensor
group writer
within writer dd if=/dev/zero of=/srv/io-sensor/file bs=1M count=32 status=none
sync --file-system /srv/io-sensor
ask mark
# Every other page of what is on the disk, so that each is an IO of its own.
within writer python3 -c '
import os
file = os.open("/srv/io-sensor/file", os.O_WRONLY)
for offset in range(0, 32 << 20, 8192): os.pwrite(file, b"x" * 4096, offset)'
sync --file-system /srv/io-sensor
ask window
written=$(($(counted writer "$fast" write) + $(counted writer "$fast" syncWrite)))
others=$(awk -v group="$(id_of writer)" -v disk="$(numbers "$fast")" \
  '$1 != group && $2 == disk && $3 ~ /rite/ { sum += $4 } END { print sum + 0 }' <<<"$answer")
between 'buffered writes that a kernel worker wrote back are the group'"'"'s' "$written" 4096 4110
between 'and few are others'"'"' (the journal)' "$others" 0 100
ask mark
within writer python3 -c '
import os
file = os.open("/srv/io-sensor/file", os.O_WRONLY)
for _ in range(5):
    os.write(file, b"x" * 8192)
    os.fsync(file)'
ask window
check 'what fsync writes counts as synchronous' test "$(counted writer "$fast" syncWrite)" -ge 5
umount /srv/io-sensor

echo 'other operations'
ask mark
within a blkdiscard --force --length 64M "$fast" 2>/dev/null
ask window
check 'a discard is counted' test "$(counted a "$fast" discard)" -ge 1
ask mark
within a python3 -c 'import os, sys; file = os.open(sys.argv[1], os.O_WRONLY)
for _ in range(3): os.fsync(file)' "$fast"
ask window
if [[ $(<"$(queue "$fast")/write_cache") == 'write back' ]]; then
  same 'flushes are counted' "$(counted a "$fast" flush)" 3
else
  same 'a disk without a cache gets no flushes' "$(counted a "$fast" flush)" 0
fi

echo 'device mapper'
dmsetup create io-sensor --table "0 1048576 linear $fast 0"
linear=$(readlink --canonicalize /dev/mapper/io-sensor)
ask mark
fio_within a "$linear" --rw=randread --bs=4k --iodepth=4 --number_ios=500
fio_within b "$linear" --rw=write --bs=1M --iodepth=2 --number_ios=20
ask window
same 'IO to a stacked device is counted there' "$(counted a "$linear" read)" "$(ios a read)"
same 'and on the disk beneath, for the same group' "$(counted a "$fast" read)" "$(ios a read)"
same 'large writes to it count once' "$(counted b "$linear" syncWrite)" "$(ios b write)"
between 'a stacked device has no queue of its own' "$(share a "$linear" read queue)" 0 0
dmsetup remove io-sensor
dmsetup create io-sensor --table "0 1048576 striped 2 128 $fast 0 $slow 0"
ask mark
fio_within a "$linear" --rw=write --bs=1M --iodepth=2 --number_ios=10
ask window
same 'writes over many stripes count once' "$(counted a "$linear" syncWrite)" "$(ios a write)"
between 'and beneath once for each stripe' \
  $(($(counted a "$fast" syncWrite) + $(counted a "$slow" syncWrite))) 160 170
dmsetup remove io-sensor

echo 'cost'
sysctl --quiet --write kernel.bpf_stats_enabled=1
ask costs
earlier=$answer
ask mark
fio_within a "$fast" --rw=randread --bs=4k --iodepth=8 --number_ios=10000
ask window
count=$(counted a "$fast" read)
ask costs
sysctl --quiet --write kernel.bpf_stats_enabled=0
same 'no run of a program was missed' "$(awk '{ sum += $4 } END { print sum + 0 }' <<<"$answer")" 0
paste -d ' ' <(echo "$earlier") <(echo "$answer") | awk -v count="$count" '
  NF == 8 { printf "      %-16s %6d runs, %5d ns each\n", $1, $6 - $2, ($7 - $3) / ($6 > $2 ? $6 - $2 : 1); sum += $7 - $3 }
  END { printf "      %d ns of BPF run time for an IO, on this emulated processor\n", sum / count }'

echo 'removed groups'
gone=$(id_of b)
rmdir "$top/b"
ask forget
matches 'a removed group is told' "$answer" "(^|"$'\n'")$gone"$'\n'
ask forget
same 'once' "$answer" ''
for round in 1 2 3; do
  mkdir "$top/short"
  short=$(id_of short)
  fio_within short "$fast" --rw=randread --bs=4k --iodepth=1 --number_ios=10
  rmdir "$top/short"
  ask forget
  matches "rows are used again (round $round)" "$answer" "$short"
done

echo 'the end'
echo quit >&5
check 'the probe ends' eventually 10 not kill -0 "$probe_pid"
check 'nothing of it is left in the kernel' eventually 10 is_gone
exec 5>&- 6<&-
start_probe 4 64
ask mark
fio_within a "$fast" --rw=randread --bs=4k --iodepth=256 --number_ios=3000
fio_within writer "$fast" --rw=randread --bs=4k --iodepth=4 --number_ios=100
fio_within a "$slow" --rw=randread --bs=4k --iodepth=4 --number_ios=50
fio_within writer "$slow" --rw=randread --bs=4k --iodepth=4 --number_ios=50
ask window
check "what finds no room is told as lost ($ending)" test "${ending#end }" -gt 0
in_flight() { bpftool --json map dump name flights | jq '[.[].formatted.value.bio[] | select(. != 0)] | length'; }
is_quiet() { [[ $(in_flight) == 0 ]]; }
check 'when all is quiet, nothing is taken for being in flight' eventually 20 is_quiet
kill -9 "$probe_pid"
check 'nor is anything after SIGKILL' eventually 10 is_gone
exec 5>&- 6<&-

echo 'refusals'
matches 'without privilege it says so and how to mend it' \
  "$(setpriv --reuid=65534 --regid=65534 --clear-groups "$probe" "$program" 2>&1 || true)" \
  '^fault io-sensor.not-permitted: .*CAP_BPF'
matches 'without the types of the kernel too' \
  "$(unshare --mount bash -c "mount -t tmpfs none /sys/kernel/btf && $probe $program" 2>&1 || true)" \
  '^fault io-sensor.unsupported: .*BTF'
head --bytes=20000 "$program" >cut.o
matches 'a program that was cut short is refused' "$("$probe" "$PWD/cut.o" 2>&1 || true)" '^fault io-sensor.refused: '
same 'and leaves nothing' "$(programs) $(maps)" '0 0'
finish
