#!/bin/bash
# Disk space on btrfs: a tenant's subvolumes share one bound by a quota group, whatever the tenant tries, and whatever the
# administrator has set stays as it was.
# lab-disks: pool:size=1G
# lab-timeout: 500
# Functions run by name (SC2317), and texts for other interpreters are quoted from this one (SC2016).
# shellcheck disable=SC2016,SC2317
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"
# shellcheck source=Tests/Lab/lib/walls.sh
. "$LAB/lib/walls.sh"

clean_up() {
  systemctl start isolated.service
  end_tenants
  eventually 10 umount /srv/pool 2>/dev/null || true
  rm -rf /srv/pool
}
trap clean_up EXIT

# subvolume NAME... : makes subvolumes that tenants may write
subvolume() {
  local name
  for name in "$@"; do
    btrfs subvolume create "/srv/pool/$name" >/dev/null
    chown 65534:65534 "/srv/pool/$name"
  done
}

# number_of NAME : the number of a subvolume
number_of() { btrfs inspect-internal rootid "/srv/pool/$1"; }

# group_of_tenant NAME : the quota group that it has, or would have
group_of_tenant() { echo "1/$(sed -n "s/^$1 //p" /var/lib/isolated/ids)"; }

# groups : all quota groups, each with its bound and its parents, in bytes
groups() { btrfs qgroup show --sync -pcr --raw /srv/pool | sed 's/  */ /g'; }
# settings : the same without what is used
settings() { groups | sed 's/^\([0-9]*\/[0-9]*\) [0-9]* [0-9]* /\1 /'; }
has_group() { groups | grep --quiet "^$1 "; }
lacks_group() { ! has_group "$1"; }

# is_right : whether the file system's figures are
is_right() { [[ $(cat /sys/fs/btrfs/*/qgroups/inconsistent) == 0 ]]; }

daemon_pid() { systemctl show --property=MainPID --value isolated.service; }
is_back() { [[ $(daemon_pid) != 0 && $(daemon_pid) != "$1" ]] && systemctl --quiet is-active isolated.service && isoctl ps >/dev/null 2>&1; }

mkfs.btrfs --quiet /dev/disk/by-id/pool
mkdir -p /srv/pool
mount /dev/disk/by-id/pool /srv/pool
subvolume a b c
install --directory --owner=65534 --group=65534 /srv/pool/directory
two='root: {writable: [{path: /one, source: /srv/pool/a}, {path: /two, source: /srv/pool/b}]}'

echo 'refusals'
policy bounded "$two" 'disk: {max: 64MiB}'
matches 'where quotas are off, the policy is refused with the way to turn them on' "$(refusal bounded)" \
  'bounded.yaml:5:13: .*quotas are off.*btrfs quota enable /srv/pool/a'
btrfs quota enable /srv/pool
btrfs quota rescan --wait /srv/pool >/dev/null
policy plain 'root: {writable: [/srv/pool/directory]}' 'disk: {max: 64MiB}'
matches 'so is a directory that is no subvolume' "$(refusal plain)" 'plain.yaml:5:13: .*btrfs subvolume create /srv/pool/directory'
policy top 'root: {writable: [/srv/pool]}' 'disk: {max: 64MiB}'
matches 'and the top-level subvolume' "$(refusal top)" 'top.yaml:5:13: .*btrfs subvolume create /srv/pool/NAME'
policy counted 'root: {writable: [/srv/pool/a]}' 'disk: {max: 64MiB, inodes: 100}'
matches 'and a bound on the number of files' "$(refusal counted)" 'counted.yaml:5:28: .*disk.inodes on /srv/pool/a: btrfs has no'
policy plain 'root: {writable: [/srv/pool/directory, /srv/pool/a]}' 'disk: {max: 64MiB, inodes: 100}' 'enforcement: best-effort'
isoctl spawn -f plain.yaml -- /bin/sleep infinity >/dev/null 2>&1
same 'best-effort lists what is not enforced' "$(isoctl inspect plain --json | jq '.notEnforced | length')" 3
check 'and bounds what can be' has_group "$(group_of_tenant plain)"
end_tenant plain
check 'the group goes with its tenant' lacks_group "$(group_of_tenant plain)"

echo 'the bound'
# What an administrator has: limits on a subvolume, and a group of its own.
btrfs qgroup limit 500M /srv/pool/a
btrfs qgroup create 1/100 /srv/pool
btrfs qgroup limit 900M 1/100 /srv/pool
btrfs qgroup assign "0/$(number_of a)" 1/100 /srv/pool
head --bytes=20M /dev/zero >/srv/pool/a/old
sync --file-system /srv/pool
before=$(settings)
matches 'no more is written than the bound, with what was there before' "$(inside bounded fill /one/f 60)" '^EDQUOT after (3[0-9]|4[0-4]) MiB$'
matches 'the other directory shares it' "$(inside bounded fill /two/f 60)" '^EDQUOT after [0-9] MiB$'
matches 'a program is told so' "$(isoctl run -f bounded.yaml -- /bin/dd if=/dev/zero of=/two/g bs=1M count=60 2>&1 || true)" 'Disk quota exceeded'
policy neighbour 'root: {writable: [{path: /data, source: /srv/pool/c}]}'
policy second 'root: {writable: [{path: /data, source: /srv/pool/b}]}' 'disk: {max: 64MiB}'
isoctl spawn -f bounded.yaml -- /bin/sleep infinity >/dev/null
group=$(group_of_tenant bounded)
same 'a neighbour is not bound' "$(inside neighbour fill /data/f 90 + unlink /data/f)" '90 MiB|did it'
matches 'nor may another tenant bound the same subvolume' "$(refusal second)" "second.yaml:5:13: .*quota group $group of another tenant"
matches 'inspect shows what is used' "$(isoctl inspect bounded --json | jq --raw-output '.limits[] | select(.file | startswith("disk")) | .kernel')" \
  "^[0-9]{8} of 67108864 bytes used, quota group $group$"
matches 'the group has both subvolumes' "$(groups | grep "^$group ")" "67108864 .*0/$(number_of a),0/$(number_of b)"
end_tenant bounded
check 'the group goes with its tenant' lacks_group "$group"
rm -f /srv/pool/[ab]/[fg]
same 'the administrator'"'"'s limits and groups are as they were' "$(settings)" "$before"
check 'and its figures are right' is_right
policy unbounded "$two"
same 'without the bound in the policy there is none' "$(inside unbounded fill /one/f 90 + unlink /one/f)" '90 MiB|did it'

echo 'ways around it'
policy bounded "$two" 'disk: {max: 64MiB}'
policy allowing "$two" 'disk: {max: 64MiB}' 'seccomp: {allow: [ioctl]}'
same 'without the bound, a tenant makes subvolumes' "$(inside unbounded new_subvolume /one/sub)" 'did it'
btrfs subvolume delete /srv/pool/a/sub >/dev/null
same 'with it, none: what lies there would not count' "$(inside bounded new_subvolume /one/sub)" EPERM
same 'also where the policy allows ioctl' "$(inside allowing new_subvolume /one/sub)" EPERM
btrfs subvolume create /srv/pool/a/nested >/dev/null
chown 65534:65534 /srv/pool/a/nested
matches 'a subvolume inside counts' "$(inside bounded fill /one/nested/f 60)" '^EDQUOT after (3[0-9]|4[0-4]) MiB$'
check 'and a full group goes with its tenant' lacks_group "$group"
btrfs subvolume delete /srv/pool/a/nested >/dev/null
btrfs subvolume snapshot /srv/pool/a /srv/pool/snapshot >/dev/null
matches 'data that is shared with a snapshot counts' "$(inside bounded fill /one/f 60 + unlink /one/f)" '^EDQUOT after (3[0-9]|4[0-4]) MiB\|did it$'
check 'and the figures are right again afterwards' eventually 60 is_right
btrfs subvolume delete /srv/pool/snapshot >/dev/null

echo 'restarts of the daemon'
isoctl spawn -f bounded.yaml -- /bin/sh -c 'until [ -e /two/go ]; do sleep 0.2; done; dd if=/dev/zero of=/one/f bs=1M count=60; sleep 600' >/dev/null
daemon=$(daemon_pid)
kill -KILL "$daemon"
check 'the daemon is back after SIGKILL' eventually 60 is_back "$daemon"
check 'the group is there' has_group "$group"
touch /srv/pool/b/go
told() { isoctl logs bounded 2>&1 | grep --quiet 'Disk quota exceeded'; }
check 'and holds' eventually 60 told
payload=$(payload_of bounded)
systemctl stop isolated.service
kill -KILL "$payload"
systemctl start isolated.service
check 'it ends with a tenant that ended meanwhile' eventually 60 lacks_group "$group"
end_tenant bounded
rm -f /srv/pool/a/f /srv/pool/b/go

echo 'simple quotas'
btrfs quota disable /srv/pool
btrfs quota enable --simple /srv/pool
matches 'they bound what is written from then on' "$(inside bounded fill /one/f 90 + unlink /one/f)" '^EDQUOT after (5[0-9]|6[0-4]) MiB\|did it$'
check 'the group goes with its tenant' lacks_group "$group"
btrfs quota disable /srv/pool
isoctl spawn -f unbounded.yaml -- /bin/sleep infinity >/dev/null
check 'with quotas off again, a policy without the bound starts' is_running unbounded
end_tenant unbounded
matches 'no end has left a group' "$(journalctl --unit=isolated --quiet --no-pager --output=cat | grep "remove a tenant's quota group" || echo none)" '^none$'

finish
