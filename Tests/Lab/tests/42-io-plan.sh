#!/bin/bash
# `isoctl io plan` on disks that were measured a moment ago: what fits, what doesn't and by how much, what is left.
# lab-disks: d1:iops=800,size=2G d2:size=1G
# lab-timeout: 300
# lab-alone
# Functions run by name (SC2317).
# shellcheck disable=SC2317
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"

clean_up() {
  umount /srv/d1 /srv/d2 2>/dev/null || true
  rmdir /srv/d1 /srv/d2 2>/dev/null || true
}
trap clean_up EXIT
for disk in d1 d2; do
  mkfs.ext4 -q "/dev/disk/by-id/$disk"
  mkdir -p "/srv/$disk"
  mount "/dev/disk/by-id/$disk" "/srv/$disk"
done

# policy NAME DISK LINE... : a policy with an io: entry of these lines
policy() {
  local name=$1 disk=$2
  shift 2
  printf 'tenant: %s\ncommand: [/bin/true]\nmemory: {max: 16MiB}\nio:\n  - device: %s\n' "$name" "$disk"
  printf '    %s\n' "$@"
}
plan() { isoctl io plan --calibrations "$PWD/kept" "$@"; }

policy web /srv/d1 'reservation: {iops: 300}' 'latency: {read: {p99: 50ms}}' >web.yaml
policy batch /srv/d1 'limit: {iops: 500}' 'weight: 50' >batch.yaml
policy database /srv/d1 'reservation: {iops: 200}' 'weight: 500' >database.yaml
policy greedy /srv/d1 'reservation: {iops: 700}' >greedy.yaml
policy other /srv/d2 'weight: 50' >other.yaml

same 'before a disk was measured, nothing that needs it is admitted' "$(status_of plan web.yaml)" 1
matches 'and the mend is named' "$(<"$CHECK_OUTPUT")" 'never calibrated.*io calibrate'
same 'weights and limits are' "$(status_of plan batch.yaml other.yaml)" 0
check 'the disk is measured' isoctl io calibrate /srv/d1 --save-to "$PWD/kept"

same 'three tenants fit' "$(status_of plan web.yaml batch.yaml database.yaml)" 0
cat "$CHECK_OUTPUT"
matches 'which is said' "$(<"$CHECK_OUTPUT")" 'it fits'
matches 'with what is left' "$(<"$CHECK_OUTPUT")" 'left for one more'
plan --json web.yaml batch.yaml database.yaml other.yaml >plan.json
same 'JSON has both disks' "$(jq length plan.json)" 2
check 'the reservations and the host take what they should of 800 IOPS' jq --exit-status \
  '.[0].reserved / 1e9 | . > 0.6 and . < 0.85' plan.json

same 'a fourth that is greedy does not' "$(status_of plan web.yaml batch.yaml database.yaml greedy.yaml)" 1
cat "$CHECK_OUTPUT"
matches 'and the refusal names the numbers' "$(<"$CHECK_OUTPUT")" 'the reservations need .* of disk time a second, but the disk has'
policy hasty /srv/d1 'latency: {read: {p99: 1us}}' >hasty.yaml
same 'a target that no disk keeps is refused' "$(status_of plan hasty.yaml)" 1
matches 'with the least that can be promised' "$(<"$CHECK_OUTPUT")" 'the least that can be promised on this disk is'
policy absent /srv/nowhere 'weight: 50' >absent.yaml
same 'a path that is not there is refused' "$(status_of plan absent.yaml)" 1
matches 'with its place in the policy' "$(<"$CHECK_OUTPUT")" 'absent.yaml:5:13: '
policy memory /run 'weight: 50' >memory.yaml
same 'so is one in memory' "$(status_of plan memory.yaml)" 1
matches 'for that reason' "$(<"$CHECK_OUTPUT")" 'tmpfs'

# The same identity with another disk behind it: the calibration is of what was there before.
jq '.disk.size = 1' "$(find kept -name '*.json')" >swapped.json
mv swapped.json "$(find kept -name '*.json')"
same 'a disk that was swapped is not judged by the other' "$(status_of plan web.yaml)" 1
matches 'which is said' "$(<"$CHECK_OUTPUT")" 'the calibration is of another disk'
echo '{' >"$(find kept -name '*.json')"
same 'a calibration that is cut short is refused' "$(status_of plan web.yaml)" 1
matches 'with its path' "$(<"$CHECK_OUTPUT")" 'kept/disk-'
finish
