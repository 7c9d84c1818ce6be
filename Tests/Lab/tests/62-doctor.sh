#!/bin/bash
# isoctl doctor in a guest that has nearly everything: what is well is quiet, and what is turned off, one after the
# other, it names, with the way to turn it on again.
# lab-timeout: 400
# Functions run by name (SC2317).
# shellcheck disable=SC2317
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"

socket=/run/isolated/io.isolated
init=/usr/lib/isolated/tenant-init
sensor=/usr/lib/isolated/iolatency.bpf.o

clean_up() {
  sysctl --quiet --write user.max_user_namespaces="$namespaces" vm.memfd_noexec="$noexec"
  mountpoint --quiet /sys/kernel/security || mount -t securityfs securityfs /sys/kernel/security
  mountpoint --quiet /proc/kcore && umount /proc/kcore
  chmod 0755 "$init"
  [[ ! -e $sensor.away ]] || mv "$sensor.away" "$sensor"
  systemctl revert isolated-tenants.service >/dev/null 2>&1 || true
  end_tenants
  systemctl restart isolated.service
}
namespaces=$(sysctl --values user.max_user_namespaces)
noexec=$(sysctl --values vm.memfd_noexec)
trap clean_up EXIT

# state ID : the state of one check; "absent" if there is none
state() { isoctl doctor --json | jq --raw-output --arg id "$1" '[.checks[] | select(.id == $id) | .state][0] // "absent"'; }
# mend ID : how to mend it
mend() { isoctl doctor --json | jq --raw-output --arg id "$1" '.checks[] | select(.id == $id) | .mend'; }
# wrong : the ids of what counts
wrong() { isoctl doctor --json | jq --raw-output '.checks[] | select(.state != "ok" and .effect != "nothing") | .id'; }

mkdir -p "$LAB/out"
isoctl doctor --all >"$LAB/out/doctor-all.txt" || true
isoctl doctor >"$LAB/out/doctor.txt" || true
isoctl doctor --json >"$LAB/out/doctor.json" || true

same 'only the disk that nobody has measured is wanting' "$(wrong)" io.calibration.vda
same 'so the status is 1' "$(status_of isoctl doctor)" 1
matches 'in one line' "$(isoctl doctor)" 'missing calibration of vda: never measured'
check 'the JSON has a version and a verdict' jq --exit-status \
  '.version == 1 and .verdict == "limited" and .status == 1' "$LAB/out/doctor.json"
check 'every finding that is not ok has a mend' jq --exit-status \
  'all(.checks[]; (.state == "ok") == (.mend == null))' "$LAB/out/doctor.json"
check 'the JSON has no colour' not grep --quiet $'\e' "$LAB/out/doctor.json"
check 'nor has the text that is not for a terminal' not grep --quiet $'\e' "$LAB/out/doctor.txt"
same 'a wrong argument is a wrong command line' "$(status_of isoctl doctor --bogus)" 64
matches 'it says that this is a virtual machine' "$(head --lines=1 "$LAB/out/doctor.txt")" 'in a virtual machine \(QEMU\)'
matches 'ids were tried' "$(<"$LAB/out/doctor-all.txt")" 'ext4\): tried, works'

before=$(awk '{ print $3, $4, $5 }' /proc/self/mountinfo | sort)
isoctl doctor >/dev/null || true
same 'it leaves no mount' "$(awk '{ print $3, $4, $5 }' /proc/self/mountinfo | sort)" "$before"
same 'and no process' "$(pgrep --count isoctl || true)" 0

# The kernel's limits, one by one.
sysctl --quiet --write user.max_user_namespaces=0
same 'without user namespaces no tenant can run' "$(status_of isoctl doctor)" 2
same 'which is named' "$(state namespaces.user)/$(state namespaces.counts)" missing/missing
matches 'with the sysctl that mends it' "$(mend namespaces.user)" '^sysctl user.max_user_namespaces=8192'
matches 'and the verdict says why' "$(isoctl doctor)" 'because of: user namespaces'
sysctl --quiet --write user.max_user_namespaces=100
same 'a hundred of them are too few' "$(state namespaces.counts)" limited
sysctl --quiet --write user.max_user_namespaces="$namespaces"
same 'and the usual number is enough' "$(state namespaces.counts)" ok

# The setting can only be raised in a pid namespace, never lowered: so it is tried in one that ends.
same 'memory that may not be run is named' "$(unshare --pid --fork --mount-proc bash -c \
  'sysctl --quiet --write vm.memfd_noexec=2
   isoctl doctor --json | jq --raw-output ".checks[] | select(.id == \"kernel.memfd\") | .state"')" missing

umount /sys/kernel/security
same 'without securityfs the security modules can not be told' "$(state security.modules)" unknown
same 'which is a remark' "$(wrong)" io.calibration.vda
mount -t securityfs securityfs /sys/kernel/security
same 'and are told again' "$(state security.modules)" ok

mount --bind /dev/null /proc/kcore
same 'a /proc that is covered is named' "$(state namespaces.proc)" missing
umount /proc/kcore

# The installation.
chmod 0666 "$socket"
same 'a control socket for everybody is named' "$(state daemon.socket)" limited
matches 'with the command that mends it' "$(mend daemon.socket)" '^chown root:isolated '
eval "$(mend daemon.socket)"
same 'which it does' "$(state daemon.socket)" ok
chmod 0777 "$init"
same 'a tenant-init that others may write is named' "$(state installation.tenant-init)" missing
same 'and stops everything' "$(status_of isoctl doctor)" 2
chmod 0755 "$init"

# The daemon and its units.
check 'nobody is told how to get into the group' grep --quiet 'usermod --append --groups isolated' \
  <(setpriv --reuid=nobody --regid=nogroup --clear-groups isoctl doctor || true)
kill -STOP "$(systemctl show --property=MainPID --value isolated.service)"
same 'a daemon that hangs is named, and keeps nothing else from being told' \
  "$(timeout 60 isoctl doctor --json | jq --raw-output '[.checks[] | select(.id == "daemon.reach") | .found][0]')" \
  "the daemon runs, but doesn't answer within 5 s ($socket)"
kill -CONT "$(systemctl show --property=MainPID --value isolated.service)"
# A socket unit would start it for the doctor.
systemctl stop isolated.socket isolated.service 2>/dev/null || true
same 'a stopped daemon is named' "$(state daemon.reach)/$(state systemd.isolated.service)" missing/missing
same 'but the host is none the worse' "$(status_of isoctl doctor)" 1
systemctl start isolated.socket 2>/dev/null || true
systemctl start isolated.service
same 'and with it all is well again' "$(wrong)" io.calibration.vda

echo -io >"$TENANTS_UNIT/cgroup.subtree_control"
same 'a controller that is not handed down to tenants is named' "$(state cgroups.delegation.io)" missing
matches 'with the command that mends it' "$(mend cgroups.delegation.io)" '^systemctl restart isolated '
systemctl restart isolated.service
same 'which it does' "$(state cgroups.delegation)" ok

sleeping_policy guarded 'memory: {min: 16MiB, max: 32MiB}' | sed '/^memory: {max: 32MiB}$/d' | isoctl spawn -f - >/dev/null
for unit in isolated.slice isolated-tenants.service; do systemctl set-property --runtime "$unit" MemoryMin=0; done
same 'memory that no group above carries is named' "$(state cgroups.memory-min)" limited
eval "$(mend cgroups.memory-min)"
eval "$(mend cgroups.memory-min)"
same 'and its mend, group by group, mends it' "$(state cgroups.memory-min)" ok
end_tenant guarded
systemctl revert isolated.slice isolated-tenants.service

# Without the IO sensor latencies aren't measured, which the doctor and the tenant's own page say.
mv "$sensor" "$sensor.away"
systemctl restart isolated.service
same 'a sensor program that is not there is named' "$(state io.sensor.program)" missing
sleeping_policy measured 'io: [{device: /srv, weight: 200}]' | isoctl spawn -f - >/dev/null
tells_why() { isoctl inspect measured | grep --quiet 'IO latencies:' && isoctl inspect measured | grep --quiet "$1"; }
check 'and inspect says why latencies are missing' eventually 20 tells_why 'not measured: cannot open the IO sensor'
check 'as the daemon does to the doctor' eventually 20 test "$(state daemon.latencies)" = limited
end_tenant measured
mv "$sensor.away" "$sensor"
systemctl restart isolated.service
sleeping_policy measured 'io: [{device: /srv, weight: 200}]' | isoctl spawn -f - >/dev/null
has_latencies() { jq --exit-status '.ioSensor == null and (.ioPromises | length) == 1' <(isoctl inspect measured --json); }
check 'and with it nothing is said' eventually 30 has_latencies
end_tenant measured

# Measured, the guest can do all.
is_measured() { isoctl io calibrate --save / >/dev/null && [[ -z $(wrong) ]]; }
check 'with a calibration everything can be enforced' eventually 120 is_measured
same 'and the status is 0' "$(status_of isoctl doctor)" 0
rm --force /var/lib/isolated/io/disk-*.json
finish
