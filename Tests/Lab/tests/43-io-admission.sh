#!/bin/bash
# What a policy may promise about IO is judged when its tenant is spawned, by what was measured, and outlives the daemon.
# lab-disks: d1:iops=800,size=2G d2:size=1G
# lab-timeout: 400
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
done
name=$(basename "$(readlink --canonicalize /dev/disk/by-id/d1)")

# policy NAME PATH LINE... : NAME.yaml, with an io: entry whose lines begin at line 6
policy() {
  local name=$1 path=$2
  shift 2
  {
    sleeping_policy "$name" 'io:' "  - device: $path"
    printf '    %s\n' "$@"
  } >"$name.yaml"
}
# admitted SENTENCE NAME and refused SENTENCE NAME REGEX : spawning NAME.yaml
admitted() { check "$1" isoctl spawn -f "$2.yaml"; }
refused() {
  same "$1 is refused" "$(status_of isoctl spawn -f "$2.yaml")" 1
  matches 'and it says why, and where' "$(<"$CHECK_OUTPUT")" "$3"
}
promises() { isoctl inspect "$1" --json | jq --raw-output '.ioPromises[]'; }

echo 'a disk that was never calibrated'
policy web /srv/d1 'reservation: {iops: 300}' 'latency: {read: {p99: 50ms}}'
refused 'a reservation' web 'web.yaml:6:[0-9]+: .*never calibrated.*isoctl io calibrate --save /srv/d1'
policy target /srv/d1 'latency: {read: {p99: 50ms}}'
refused 'a target' target 'target.yaml:6:[0-9]+: .*never calibrated'
policy quick /srv/d1 'class: realtime'
admitted 'a class is admitted' quick
matches 'as a weight' "$(promises quick)" "^$name, by /srv/d1: weight 1000 \(class realtime\)$"
end_tenant quick
policy batch /srv/d1 'limit: {iops: 500}' 'weight: 50'
admitted 'so are a limit and a weight' batch
matches 'the limit stands in the kernel' "$(isoctl inspect batch)" 'io\.max .*riops=500 wiops=500'

echo 'a calibrated disk'
check 'it is measured' isoctl io calibrate /srv/d1 --save
admitted 'what fits is admitted' web
matches 'inspect tells what was promised' "$(promises web)" "^$name, by /srv/d1: 300 iops reserved, p99 of 50ms for reads, weight 100$"
policy greedy /srv/d1 'reservation: {iops: 600}'
refused 'more than is left' greedy 'greedy.yaml:6:[0-9]+: .*the reservations need .* ms of disk time a second, but the disk has'
fitting=$(sed -n 's/.*greedy could have \([0-9]*\) iops.*/\1/p' "$CHECK_OUTPUT")
between 'what would fit is named' "$fitting" 50 480
policy greedy /srv/d1 "reservation: {iops: $fitting}"
admitted 'and fits' greedy
end_tenant greedy
policy hasty /srv/d1 'latency: {read: {p99: 1us}}'
refused 'a target that no disk keeps' hasty 'hasty.yaml:6:[0-9]+: .*the least that can be promised on this disk is'
policy quick /srv/d1 'class: realtime'
admitted 'now a class has a target too' quick
matches 'which inspect tells' "$(promises quick)" 'p99 of .* for reads, weight 1000 \(class realtime\)'
end_tenant quick

echo 'what is no disk'
policy absent /srv/nowhere 'weight: 5'
refused 'a path that is not there' absent 'absent.yaml:5:13: .*srv/nowhere'
policy memory /run 'weight: 5'
refused 'a path in memory' memory 'memory.yaml:5:13: .*tmpfs'
policy twice /srv/d1 'weight: 5'
printf '  - {device: /srv/d1/lost+found, weight: 6}\n' >>twice.yaml
refused 'one disk by two paths' twice "twice.yaml:7:[0-9]+: .*lie on the same disk, $name"

echo 'shared file systems'
for tenant in db log; do
  policy $tenant /srv/d1 'latency: {sync_write: {p99: 200ms}}'
  printf 'root: {base: host, writable: [/srv/d1]}\n' >>$tenant.yaml
done
sed -i 's/    latency: .*/    weight: 5/' log.yaml
admitted 'a tenant whose synchronous writes have a target' db
admitted 'and another on its file system' log
check 'io top warns' eventually 10 bash -c "isoctl io top --once | tr '\n' ' ' | grep --quiet 'db shares the file system of /srv/d1 with log'"
isoctl io top --once
matches 'so does io plan' "$(isoctl io plan db.yaml log.yaml | tr '\n' ' ')" 'warning: db shares the file system'
end_tenant db log

echo 'a daemon that is restarted'
process=$(first_process web)
systemctl kill --signal=KILL isolated.service
check 'it comes back' eventually 30 isoctl version
same 'its tenant runs on' "$(first_process web) $(tenant_state web)" "$process running"
matches 'with its promise' "$(promises web)" '300 iops reserved'
policy greedy /srv/d1 'reservation: {iops: 600}'
refused 'the disk is not sold a second time' greedy 'the reservations need'
end_tenant web
cp web.yaml patient.yaml
printf 'restart: {on: failure, backoff: 1h}\n' >>patient.yaml
isoctl spawn -f patient.yaml >/dev/null
payload=$(payload_of web)
systemctl stop isolated.service
kill -KILL "$payload"
systemctl start isolated.service
backs_off() { [[ $(tenant_state "$1") == backing-off ]]; }
check 'who died while no daemon ran backs off' eventually 30 backs_off web
refused 'and its part of the disk stays its own: more than the rest' greedy 'the reservations need'
end_tenant web
isoctl spawn -f web.yaml >/dev/null

echo 'a disk that was swapped'
file=$(find "$kept" -name '*.json')
jq '.disk.size = 1' "$file" >swapped.json
mv swapped.json "$file"
policy late /srv/d1 'reservation: {iops: 1}'
refused 'a promise by the calibration of another' late 'late.yaml:6:[0-9]+: .*the calibration is of another disk'
systemctl restart isolated.service
check 'a daemon that finds it so starts' eventually 30 isoctl version
same 'and ends nobody for it' "$(tenant_state web)" running
matches 'but says so' "$(journalctl --unit=isolated --no-pager --output=cat --since=-2min)" 'the calibration is of another disk'
finish
