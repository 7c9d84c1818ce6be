#!/bin/bash
# What the daemon stands on is hostile: a tenant's root full of links, a null device that is none, an init program that
# others may write, inherited groups, a kernel that lets set-id programs be dumped. A start fails, or is as safe as ever.
# lab-timeout: 300
# Functions run by name (SC2317), and texts for other interpreters are quoted from this one (SC2016).
# shellcheck disable=SC2016,SC2317
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"

base=/srv/base
outside=/srv/outside
dumpable=$(sysctl --values fs.suid_dumpable)
clean_up() {
  sysctl --quiet --write "fs.suid_dumpable=$dumpable"
  end_tenants
  [[ ! -d /sys/fs/cgroup/odd ]] || rmdir /sys/fs/cgroup/odd/* /sys/fs/cgroup/odd 2>/dev/null || true
  rm -rf "$base" "$outside" /run/odd /var/lib/odd
}
trap clean_up EXIT

policy() { sleeping_policy "$1" "root: {base: $base}" "${@:2}"; }

# make_base : a root of one static program, and a directory beside it that nothing may reach
make_base() {
  rm -rf "$base" "$outside"
  mkdir -p "$base"/{bin,dev,etc,mnt,proc,run,sys/fs/cgroup,tmp,var/tmp} "$outside"
  cp /usr/bin/busybox "$base/bin/busybox"
  ln -s busybox "$base/bin/sh"
  ln -s busybox "$base/bin/sleep"
  printf 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' >"$base/etc/passwd"
  printf 'root:x:0:\nnogroup:x:65534:\n' >"$base/etc/group"
  echo untouched >"$outside/witness"
}
untouched() {
  same "$1: what lies outside is as it was" "$(find "$outside" -printf '%P %y %m %U %s\n' | sort)" "$before"
  same "$1: nothing is mounted there or on the base" "$(awk '$5 ~ "^/srv" { print $5 }' /proc/self/mountinfo)" "$mounted"
}

echo 'a root with links where mounts go'
make_base
before=$(find "$outside" -printf '%P %y %m %U %s\n' | sort)
mounted=$(awk '$5 ~ "^/srv" { print $5 }' /proc/self/mountinfo)
same 'without them, a program runs in it' "$(policy plain | isoctl run -f - -- /bin/sh -c 'echo inside')" inside
for place in proc dev tmp; do
  for target in /srv/outside ../outside ../../srv/outside . / /etc; do
    make_base
    rmdir "$base/$place"
    ln -s "$target" "$base/$place"
    status=0
    said=$(policy linked | isoctl run -f - -- /bin/sh -c 'test -e /witness -o -e /srv/outside/witness && echo escaped; exit 0' 2>&1) || status=$?
    if ((status == 0)); then
      same "$place -> $target: a tenant that starts is still within its root" "$said" ''
    else
      matches "$place -> $target: the start is refused for the link" "$said" "(openat2|mkdirat|move_mount|$place).*(ELOOP|ENOENT|ENOTDIR|ENODEV|EXDEV|EINVAL)"
    fi
    untouched "$place -> $target"
  done
done
make_base
mkdir "$base/srv"
ln -s /srv/outside "$base/srv/data"
mkdir -p /srv/outside/deeper
before=$(find "$outside" -printf '%P %y %m %U %s\n' | sort)
said=$(sleeping_policy linked "root: {base: $base, writable: [/srv/data/deeper]}" | isoctl run -f - -- /bin/sh -c 'exit 0' 2>&1) || true
untouched 'a writable path behind a link'
make_base
before=$(find "$outside" -printf '%P %y %m %U %s\n' | sort)
rm "$base/etc/passwd"
ln -s /etc/shadow "$base/etc/passwd"
refusal=$(policy linked 'user: daemon' | isoctl run -f - -- /bin/sh -c 'id' 2>&1) && fails 'a passwd that is a link to the host is not followed' "$refusal"
check 'nor does the refusal tell what the host has there' not grep --quiet 'daemon:' <<<"$refusal"

echo 'the program that starts tenants'
sleeping_policy witness | isoctl spawn -f - >/dev/null
pid=$(first_process witness)
check 'the memory that PID 1 runs from can be written by nobody' not sh -c "echo x >/proc/$pid/exe"
daemon=$(systemctl show --property=MainPID --value isolated.service)
sealed=$(find "/proc/$daemon/fd" -lname '/memfd:tenant-init*' -print -quit)
matches 'the daemon holds it sealed' "$sealed" "^/proc/$daemon/fd/"
check 'where it can be written by nobody either' not python3 -c 'import os, sys; os.write(os.open(sys.argv[1], os.O_RDWR), b"x")' "$sealed"
check 'nor be cut short' not python3 -c 'import os, sys; os.truncate(sys.argv[1], 0)' "$sealed"

# odd_daemon LINE... : starts a daemon by hand with these lines in its configuration; its output is in odd.log
odd_daemon() {
  mkdir -p /run/odd
  printf '%s\n' 'socket: /run/odd/io.isolated' 'state: /run/odd/state' 'persistent_state: /var/lib/odd' \
    'cgroup: {parent: /sys/fs/cgroup/odd}' 'logs: {directory: /run/odd/logs}' 'seccomp_cache: /run/odd/seccomp' "$@" >odd.yaml
  "${starter[@]}" isolated --config "$PWD/odd.yaml" >odd.log 2>&1 &
  odd=$!
  eventually 60 odd_has_settled || fails 'the daemon either serves or ends' "$(<odd.log)"
}
odd_has_settled() { [[ -S /run/odd/io.isolated ]] || ! kill -0 "$odd" 2>/dev/null; }
refuses() {
  check "$1: the daemon ends" eventually 20 not kill -0 "$odd"
  matches "$1: and says why" "$(<odd.log)" "$2"
}
mkdir /sys/fs/cgroup/odd
starter=(setsid)
cp /usr/libexec/isolated/tenant-init ./tenant-init 2>/dev/null || cp "$(find /usr/lib /usr/libexec -name tenant-init -print -quit)" ./tenant-init
chmod 0777 tenant-init
odd_daemon "tenant_init: $PWD/tenant-init"
refuses 'an init program that anybody may write' 'only root can write'
chmod 0755 tenant-init
chown daemon tenant-init
odd_daemon "tenant_init: $PWD/tenant-init"
refuses "an init program that isn't root's" 'only root can write'
ln -s "$(find /usr/lib /usr/libexec -name tenant-init -print -quit)" linked-init
odd_daemon "tenant_init: $PWD/linked-init"
refuses 'an init program behind a link' 'ELOOP'

echo 'devices that are none'
touch false-device
starter=(setsid unshare --mount sh -c 'mount --bind "$0" /dev/null && exec "$@"' "$PWD/false-device")
odd_daemon
refuses 'a null device that is a file' '/dev/null'
starter=(setsid unshare --mount sh -c 'mount --bind /dev/zero /dev/random && exec "$@"' x)
odd_daemon
refuses 'a random device that is another' '/dev/random'

echo 'a state directory where tenants cannot follow'
mkdir --mode=0700 /run/odd/private
printf '%s\n' 'socket: /run/odd/io.isolated' 'state: /run/odd/private/state' 'persistent_state: /var/lib/odd' >odd.yaml
isolated --config "$PWD/odd.yaml" >odd.log 2>&1 &
odd=$!
refuses 'a directory that not everybody may enter' '/run/odd/private.*(mend|chmod)'

echo 'what the starter hands down'
starter=(setsid setpriv --groups '4,24,27' --)
odd_daemon
groups_under() { sleeping_policy grouped | isoctl run --socket "$1" -f - -- /bin/sh -c 'grep ^Groups: /proc/self/status'; }
matches 'a tenant has groups' "$(groups_under /run/isolated/io.isolated)" 'Groups:.*65534'
same 'a daemon with supplementary groups gives none of them to a tenant' "$(groups_under /run/odd/io.isolated)" \
  "$(groups_under /run/isolated/io.isolated)"
kill "$odd"
wait "$odd" || true

echo 'a kernel that lets set-id programs be dumped'
sysctl --quiet --write fs.suid_dumpable=1
sleeping_policy dumped | isoctl spawn -f - >/dev/null
pid=$(first_process dumped)
# The files in /proc of a process that isn't dumpable belong to the host's root.
same 'PID 1 is not dumpable all the same' "$(stat --format=%u "/proc/$pid/environ" "/proc/$pid/mem" | tr '\n' ' ')" '0 0 '
check 'and its command cannot trace it' not isoctl run -f <(sleeping_policy tracer) -- /bin/sh -c 'cat /proc/1/environ'
end_tenants
finish
