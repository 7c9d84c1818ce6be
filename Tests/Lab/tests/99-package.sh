#!/bin/bash
# The package's life: an upgrade restarts the daemon and no tenant, removal ends the tenants, purging leaves nothing but
# the group, and a fresh installation runs again.
# lab-timeout: 600
set -euo pipefail

package=/lab/.shared/product.deb
unit=/sys/fs/cgroup/isolated.slice/isolated-tenants.service

fail() {
  echo "99-package: $*" >&2
  exit 1
}

main_pid() {
  systemctl show --property=MainPID --value "$1"
}

alive() {
  [[ -d /proc/$1 ]] && ! grep --quiet '^State:.*Z' "/proc/$1/status" 2>/dev/null
}

[[ -e $package ]] || fail "the lab put no package at $package"
[[ $(stat --format='%a %U %G' /run/isolated) == "755 root root" ]] || fail "/run/isolated is $(stat -c '%a %U %G' /run/isolated)"
[[ $(stat --format='%a %U %G' /var/lib/isolated) == "700 root root" ]] || fail "/var/lib/isolated is open to others"
getent group isolated >/dev/null || fail "there is no group isolated"
systemctl --quiet is-enabled isolated.service || fail "isolated.service doesn't start at boot"

# start_tenant: a plain process in a group of its own; its pid is in $tenant
start_tenant() {
  mkdir -p "$unit/probe"
  sleep infinity &
  tenant=$!
  disown
  echo "$tenant" >"$unit/probe/cgroup.procs"
}

echo "an upgrade restarts the daemon, and no tenant"
start_tenant
daemon=$(main_pid isolated.service)
holder=$(main_pid isolated-tenants.service)
echo "# changed by the administrator" >>/etc/needrestart/conf.d/isolated.conf
dpkg --install --force-confold "$package" >/dev/null
now=$(main_pid isolated.service)
[[ $now != 0 && $now != "$daemon" ]] || fail "the upgrade left the old daemon running ($daemon, now $now)"
[[ $(main_pid isolated-tenants.service) == "$holder" ]] || fail "the upgrade restarted isolated-tenants.service"
alive "$tenant" || fail "the upgrade ended a tenant"
grep --quiet "changed by the administrator" /etc/needrestart/conf.d/isolated.conf || fail "the upgrade overwrote a changed configuration"

echo "a daemon that the administrator disabled stays disabled"
systemctl --quiet disable isolated.service
dpkg --install --force-confold "$package" >/dev/null
systemctl --quiet is-enabled isolated.service && fail "the upgrade enabled isolated.service again"
systemctl --quiet enable isolated.service

echo "removal ends the tenants and keeps what is configured and stored"
touch /var/lib/isolated/kept
dpkg --remove isolated >/dev/null
alive "$tenant" && fail "removal left a tenant without a daemon"
[[ ! -e /sys/fs/cgroup/isolated.slice/isolated-tenants.service ]] || fail "removal left the tenants' group"
[[ ! -e /run/isolated ]] || fail "removal left /run/isolated"
[[ -e /var/lib/isolated/kept ]] || fail "removal took /var/lib/isolated away"
[[ -e /etc/needrestart/conf.d/isolated.conf ]] || fail "removal took the configuration away"
for file in /usr/sbin/isolated /usr/bin/isoctl /usr/lib/isolated /usr/share/isolated /usr/lib/systemd/system/isolated.service; do
  [[ ! -e $file ]] || fail "removal left $file"
done

echo "purging leaves nothing"
dpkg --purge isolated >/dev/null
for path in /var/lib/isolated /etc/isolated /run/isolated /etc/needrestart/conf.d/isolated.conf \
  /etc/systemd/system/isolated.service /etc/systemd/system/multi-user.target.wants/isolated.service; do
  [[ ! -e $path && ! -L $path ]] || fail "purging left $path"
done
left=$(find /etc /usr /var/lib -xdev -iname '*isolated*' -not -path '*isolated-lab*' -not -path '*/dpkg/*' 2>/dev/null || true)
[[ -z $left ]] || fail "purging left: $left"

echo "a fresh installation runs"
dpkg --install "$package" >/dev/null
systemctl --quiet is-active isolated.service isolated-tenants.service || fail "the fresh installation doesn't run"
systemctl --quiet is-enabled isolated.service || fail "the fresh installation doesn't start at boot"
echo "the package holds"
