#!/bin/bash
# The kernel enforces what a policy says: processor, memory, processes and disk, each against a tenant that tries to
# take more, beside a neighbour that must not notice.
# lab-disks: slow:iops=1500,size=1G pool:size=1G
# lab-timeout: 400
# lab-alone
# Functions run by name (SC2317), and texts for other interpreters are quoted from this one (SC2016).
# shellcheck disable=SC2016,SC2317
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"

clean_up() {
  end_tenants
  local place
  for place in /srv/slow /srv/pool; do
    eventually 10 umount "$place" 2>/dev/null || true
    rm -rf "$place"
  done
}
trap clean_up EXIT

# hog NAME SCRIPT LINE... : a tenant that runs SCRIPT in Python, with LINEs of policy for its limits
hog() {
  local name=$1 script=$2
  shift 2
  { printf 'tenant: %s\ncommand: [/usr/bin/python3, -I, -B, -c, ""]\n' "$name" && printf '%s\n' "$@"; } >"$name.yaml"
  isoctl spawn -f "$name.yaml" -- /usr/bin/python3 -I -B -c "$script" >/dev/null
}

now_usec() { echo $(($(date +%s%N) / 1000)); }

# busy_share NAME SECONDS : per cent of one processor that a tenant got meanwhile
busy_share() {
  local stat=$TENANTS_UNIT/$1/cpu.stat used began
  used=$(counter "$stat" usage_usec) began=$(now_usec)
  sleep "$2"
  echo $((($(counter "$stat" usage_usec) - used) * 100 / ($(now_usec) - began)))
}

sleeping_policy neighbour 'cpu: {weight: 100}' | isoctl spawn -f - >/dev/null
neighbour=$(payload_of neighbour)

echo 'processor'
spin='while True: pass'
hog spinner "$spin" 'cpu: {max: 20%}' 'memory: {max: 32MiB}'
sleep 2
throttled=$(counter "$TENANTS_UNIT/spinner/cpu.stat" nr_throttled)
between 'a tenant that spins gets the 20 % of its cpu.max' "$(busy_share spinner 8)" 15 22
check 'the kernel counts how often it was throttled' test "$(counter "$TENANTS_UNIT/spinner/cpu.stat" nr_throttled)" -gt "$throttled"
end_tenant spinner
# Two tenants on one processor, weights 4 : 1. What the guest itself takes of it, both lose.
hog heavy "$spin" 'cpu: {weight: 400, cpus: "1"}' 'memory: {max: 32MiB}'
hog light "$spin" 'cpu: {weight: 100, cpus: "1"}' 'memory: {max: 32MiB}'
sleep 3
heavy=$(counter "$TENANTS_UNIT/heavy/cpu.stat" usage_usec) light=$(counter "$TENANTS_UNIT/light/cpu.stat" usage_usec)
sleep 8
heavy=$(($(counter "$TENANTS_UNIT/heavy/cpu.stat" usage_usec) - heavy))
light=$(($(counter "$TENANTS_UNIT/light/cpu.stat" usage_usec) - light))
between 'weights 400 and 100 share a processor 4 : 1 (tenths)' $((heavy * 10 / light)) 30 50
end_tenant heavy light

echo 'memory'
glutton='held = []
while True: held.append(bytearray(b"x" * 1048576))'
kills=$(counter "$TENANTS_UNIT/memory.events" oom_kill)
hog glutton "$glutton" 'memory: {max: 48MiB}'
check 'a tenant that takes more than its memory.max ends' eventually 60 has_ended glutton
same 'ps says that it was killed for memory' "$(tenant_json glutton | jq --raw-output .exit.cause)" oom-killed
same 'so does inspect' "$(isoctl inspect glutton --json | jq --raw-output .summary.exit.cause)" oom-killed
matches 'so does the table of ps' "$(isoctl ps)" 'glutton +oom-killed'
same 'wait returns the status of SIGKILL' "$(status_of isoctl wait glutton)" 137
matches 'and says why' "$(<"$CHECK_OUTPUT")" 'oom-killed'
check 'the kernel counted a kill beneath the tenants'"'"' group' \
  test "$(counter "$TENANTS_UNIT/memory.events" oom_kill)" -gt "$kills"
same 'isoctl run of it returns the status of SIGKILL' \
  "$(status_of isoctl run -f glutton.yaml --name glutton-run -- /usr/bin/python3 -I -B -c "$glutton")" 137
matches 'and says why' "$(<"$CHECK_OUTPUT")" 'oom-killed'
# Only a child takes too much: the policy decides whether all die.
child='import os, time
if os.fork() == 0:
    held = []
    while True: held.append(bytearray(b"x" * 1048576))
os.wait()
print("the child is dead", flush=True)
time.sleep(600)'
hog family "$child" 'memory: {max: 48MiB, oom_group: false}'
said() { isoctl logs "$1" | grep --quiet "$2"; }
check 'with oom_group: false, a child is killed and its parent lives on' eventually 60 said family 'the child is dead'
check 'the parent still runs' is_running family
end_tenant family
hog family "$child" 'memory: {max: 48MiB}'
check 'by default the whole tenant ends with it' eventually 60 has_ended family
end_tenant glutton family

# memory.high slows down and reclaims, and never kills.
hog patient 'import mmap, time
file = open("/tmp/cache", "wb")
for block in range(40): file.write(b"x" * 1048576); file.flush()
time.sleep(600)' 'memory: {high: 64MiB, max: 96MiB}'
sleep 3
check 'a tenant below its memory.high lives' is_running patient
end_tenant patient

echo 'processes'
bomb='import os, time
made = 0
while True:
    try:
        if os.fork() == 0: time.sleep(600)
        made += 1
    except BlockingIOError:
        print("made", made, flush=True)
        time.sleep(600)'
hog bomb "$bomb" 'memory: {max: 128MiB}' 'pids: {max: 20}'
check 'a fork bomb is stopped' eventually 60 said bomb 'made 18'
same 'at its pids.max, PID 1 and the bomb itself counted' "$(<"$TENANTS_UNIT/bomb/pids.current")" 20
check 'the kernel counted the refusals' test "$(counter "$TENANTS_UNIT/bomb/pids.events" max)" -gt 0
same 'ps shows it' "$(tenant_json bomb | jq --compact-output '[.pids, .pidsMax]')" '[20,20]'
check 'the host can still fork' bash -c 'for n in {1..50}; do /bin/true; done'
end_tenant bomb

echo 'disk'
mkfs.ext4 -q /dev/disk/by-id/slow
mkdir -p /srv/slow
mount /dev/disk/by-id/slow /srv/slow
chown 65534:65534 /srv/slow
# number_of DISK : MAJOR:MINOR
number_of() { cat "/sys/block/$(basename "$(readlink --canonicalize "/dev/disk/by-id/$1")")/dev"; }
number=$(number_of slow)
# io_stat NAME KEY : a counter of the disk
io_stat() { sed -n "s/^$number .*$2=\([0-9]*\).*/\1/p" "$TENANTS_UNIT/$1/io.stat"; }
# disk_rate NAME KEY SECONDS : how much of KEY a second
disk_rate() {
  local before began
  before=$(io_stat "$1" "$2") began=$(now_usec)
  sleep "$3"
  echo $((($(io_stat "$1" "$2") - before) * 1000000 / ($(now_usec) - began)))
}
# disk_hog NAME LIMIT FIO-ARGUMENT...
disk_hog() {
  local name=$1 limit=$2
  shift 2
  printf 'tenant: %s\ncommand: [/bin/true]\nmemory: {max: 128MiB}\nroot: {base: host, writable: [/srv/slow]}\ndirectory: /srv/slow\nio:\n  - {device: /srv/slow, limit: %s}\n' \
    "$name" "$limit" >"$name.yaml"
  isoctl spawn -f "$name.yaml" -- /usr/bin/fio --name=hog "--filename=/srv/slow/$name" --size=64M --direct=1 \
    --ioengine=libaio --time_based --runtime=600 --group_reporting "$@" >/dev/null
}
has_io() { [[ -n $(io_stat "$1" "$2") ]] && (($(io_stat "$1" "$2") > $3)); }

disk_hog reader '{iops: 200}' --rw=randread --bs=4k --iodepth=16
check 'a tenant reads from its disk' eventually 60 has_io reader rios 400
between 'a reader that would take all gets the 200 operations a second of its io.max' "$(disk_rate reader rios 10)" 170 215
end_tenant reader
disk_hog writer '{write: {bandwidth: 2MiB/s}}' --rw=write --bs=128k --iodepth=8
check 'a tenant writes to its disk' eventually 60 has_io writer wbytes 4194304
between 'a writer that would take all gets the 2 MiB a second of its io.max (KiB)' \
  $(($(disk_rate writer wbytes 10) / 1024)) 1700 2200
same 'the host finds the file of the tenant as its user left it' "$(stat --format=%u:%g /srv/slow/writer)" 65534:65534
end_tenant writer
# Without a limit the same reader takes what the disk has: the limit was what held it back.
disk_hog free '{iops: 1000000}' --rw=randread --bs=4k --iodepth=16
check 'a tenant without a real limit reads' eventually 60 has_io free rios 2000
check 'and gets far more than 200 operations a second' test "$(disk_rate free rios 5)" -gt 600
end_tenant free

# stat(2) gives a subvolume of btrfs a device number that the mount table doesn't have.
mkfs.btrfs --quiet /dev/disk/by-id/pool
mkdir -p /srv/pool
mount /dev/disk/by-id/pool /srv/pool
btrfs subvolume create /srv/pool/subvolume >/dev/null
for place in /srv/pool /srv/pool/subvolume; do
  sleeping_policy pool "io: [{device: $place, limit: {iops: 300}}]" | isoctl spawn -f - >/dev/null
  same "$place on btrfs stands for the disk beneath it" "$(<"$TENANTS_UNIT/pool/io.max")" \
    "$(number_of pool) rbps=max wbps=max riops=300 wiops=300"
  end_tenant pool
done

check 'the neighbour has lived through all that' is_running neighbour
same 'as the same process' "$(payload_of neighbour)" "$neighbour"
finish
