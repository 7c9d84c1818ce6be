#!/bin/bash
# After a boot of the machine, what lies in tenants.d runs again, and nothing else does.
# lab-timeout: 400
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"

installed=/etc/isolated/tenants.d
clean_up() {
  rm -f "${installed:?}"/*
  end_tenants
}

if ((LAB_BOOT == 0)); then
  # Names that no other test has: what has once been started isn't again in this life of the tenants' group.
  for name in booted rebooted; do sleeping_policy $name >$installed/$name.yaml; done
  systemctl restart isolated.service
  check 'what lies in tenants.d runs' eventually 60 is_running booted
  check 'all of it' eventually 60 is_running rebooted
  isoctl stop rebooted --grace=0ms >/dev/null
  sleeping_policy by-hand | isoctl spawn -f - >/dev/null
  cp /proc/sys/kernel/random/boot_id before
  isoctl inspect booted --json | jq .idRange.first >range
  exit $((checks_failed > 0 ? 1 : 97))
fi

trap clean_up EXIT
check 'this is another boot' not cmp before /proc/sys/kernel/random/boot_id
check 'the socket is there' systemctl --quiet is-active isolated.socket
check 'so is the daemon' eventually 60 systemctl --quiet is-active isolated.service
check 'what lies in tenants.d runs again' eventually 60 is_running booted
check 'also what was stopped before the boot' eventually 60 is_running rebooted
check 'what was spawned by hand does not' is_unknown by-hand
same 'a tenant has its ids for good' "$(isoctl inspect booted --json | jq .idRange.first)" "$(<range)"
finish
