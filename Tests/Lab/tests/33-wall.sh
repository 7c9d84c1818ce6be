#!/bin/bash
# The wall around a tenant, each part against an attack from inside: secrets, supplied files, core dumps, kernel keys,
# Landlock, disk space, core scheduling, shared directories. Where that can be shown, the same attack succeeds with the
# part left out.
# lab-disks: quota:size=512M
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

store=/etc/isolated/secrets

clean_up() {
  end_tenants
  restore_core_dumps
  stop_listening
  eventually 10 umount /srv/quota 2>/dev/null || true
  rm -rf /srv/quota /srv/open /srv/exchange /srv/plain "$store"
}
trap clean_up EXIT

echo 'secrets'
secret="correct-horse-$RANDOM-$RANDOM-battery"
install --directory --mode=0700 "$store" "$store/all"
printf %s "$secret" >"$store/password"
printf %s "$secret-too" >"$store/all/key"
chmod 0600 "$store/password" "$store/all/key"
policy keeper "secrets: [$store/password, {name: others, source: $store/password, owner: 7}]"
same 'the tenant reads its secret, and not another user'"'"'s' \
  "$(inside keeper read /run/secrets/password + read /run/secrets/others)" "$secret|EACCES"
matches 'it can neither change nor add one' "$(inside keeper write /run/secrets/password + make /run/secrets/more + unlink /run/secrets/password)" \
  '^(EACCES|EROFS)\|EROFS\|EROFS$'
policy directory "secrets: $store/all" 'user: 5' 'group: 5'
same 'a directory gives all of its files, to whatever user the command has' "$(inside directory read /run/secrets/key)" "$secret-too"
policy thief "secrets: [$store/password]" 'user: root' 'capabilities: [CAP_SYS_ADMIN, CAP_DAC_OVERRIDE]' 'seccomp: {allow: [mount]}' \
  'landlock: false'
same 'with CAP_SYS_ADMIN and no Landlock, the flag of the mount comes off, and the file system stays read-only' \
  "$(inside thief remount /run/secrets + write /run/secrets/password + remount_whole /run/secrets)" 'did it|EROFS|EPERM'
isoctl spawn -f keeper.yaml -- /bin/sleep infinity >/dev/null
matches 'the secrets are in memory that is never swapped' "$(grep ' /run/secrets ' "/proc/$(payload_of keeper)/mountinfo")" \
  ' ro,nosuid,nodev,noexec.* - ramfs .* ro'
isoctl inspect keeper --json >inspect.json
found=$(
  grep --recursive --files-with-matches --fixed-strings "$secret" /run /var/log /var/lib/isolated /tmp inspect.json 2>/dev/null
  journalctl --quiet --no-pager --all | grep --fixed-strings "$secret" | head --lines=1
  grep --text --files-with-matches --fixed-strings "$secret" /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null
) || true
same 'its bytes are in no file of /run, /var/log and /tmp, no journal, no record, no environment' "$found" ''
in_memory() { # PID : how often the secret is in a process' memory
  python3 - "$1" "$secret" <<'P'
import sys
pid, secret, count = sys.argv[1], sys.argv[2].encode(), 0
with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
    for line in maps:
        fields = line.split()
        if "rw" not in fields[1]:
            continue
        low, high = (int(part, 16) for part in fields[0].split("-"))
        try:
            memory.seek(low)
            count += memory.read(high - low).count(secret)
        except (OSError, ValueError, OverflowError):
            pass
print(count)
P
}
same 'nor in the memory of the daemon' "$(in_memory "$(systemctl show --property=MainPID --value isolated.service)")" 0
same 'nor in that of the tenant'"'"'s PID 1' "$(in_memory "$(first_process keeper)")" 0
end_tenant keeper
same 'they go with the tenant' "$(grep --no-filename ' ramfs ' /proc/[0-9]*/mountinfo 2>/dev/null | grep -c secrets || true)" 0
chmod 0640 "$store/password"
matches 'a secret that others may read is refused, with its place' "$(refusal keeper)" 'keeper.yaml:4:11: .*chmod 0600'
chmod 0600 "$store/password"
ln -s password "$store/link"
policy linked "secrets: [$store/link]"
matches 'and so is a link' "$(refusal linked)" 'without symbolic links'
chmod 0755 "$store"
matches 'and a directory that others may enter' "$(refusal keeper)" 'chmod 0700'
chmod 0700 "$store"
check 'nothing is left of a refused start' is_unknown keeper

echo 'supplied files'
policy alone
policy connected 'network: {mode: host, hosts: {db.internal: 10.0.0.5}, dns: [10.0.0.2]}'
same 'without a network: localhost and the tenant' "$(inside alone read /etc/hosts + read /etc/hostname + read /etc/resolv.conf)" \
  '127.0.0.1 localhost|::1 localhost ip6-localhost ip6-loopback|127.0.1.1 alone||alone||did it'
matches 'on the host'"'"'s network: what the policy adds, and the host'"'"'s names' "$(inside connected read /etc/hosts + read /etc/resolv.conf)" \
  '^10.0.0.5 db.internal\|127.0.1.1 connected\|.*localhost.*nameserver 10.0.0.2'

echo 'core dumps'
handle_core_dumps
policy dumper 'rlimits: {core: 1MiB}'
policy mute 'rlimits: {core: 0}'
same 'the host'"'"'s handler is not started, and one that the policy allows is' "$(dumps inside alone) $(dumps inside mute) $(dumps inside dumper)" 'nothing nothing dumped'
same 'the limit can not be raised' "$(inside alone core_limits)" '1 1'
restore_core_dumps

echo 'kernel keys'
key=$(host_key)
policy keys 'user: root' 'seccomp: {allow: [keyctl, add_key, request_key]}'
same 'no key of the host is in a keyring of the tenant, nor can be read by its number' \
  "$(inside keys search_key -3 lab-wall + search_key -4 lab-wall + search_key -5 lab-wall + read_key "$key")" 'ENOKEY|ENOKEY|ENOKEY|EACCES'

echo 'Landlock'
install --directory --mode=0777 /srv/open
echo whole >/srv/open/file
chmod 0666 /srv/open/file
trick=('user: root' 'capabilities: [CAP_SYS_ADMIN]' 'seccomp: {allow: [mount]}' 'root: {readable: [/srv/open]}')
policy bare "${trick[@]}" 'landlock: false'
policy kept "${trick[@]}" 'landlock: true'
policy implied "${trick[@]}"
attack=(remount /srv/open + write /srv/open/file + make /srv/open/new + mount_over /mnt + mount_over /tmp)
same 'left out, a remounted path of the host can be written' "$(inside bare "${attack[@]}")" 'did it|did it|did it|ENOENT|did it'
same 'so the attack reached the host' "$(tr --delete '\n' </srv/open/file)-$(find /srv/open -type f -printf '%f\n' | sort | tr '\n' ' ')" 'wholex-file new '
rm /srv/open/new
same 'in a domain nobody mounts, and nothing of the host is written' "$(inside kept "${attack[@]}")" 'EPERM|EROFS|EROFS|ENOENT|EPERM'
same 'the host has noticed nothing' "$(tr --delete '\n' </srv/open/file)-$(find /srv/open -type f -printf '%f\n' | sort | tr '\n' ' ')" 'wholex-file '
isoctl spawn -f implied.yaml -- /bin/sleep infinity >/dev/null
isoctl spawn -f alone.yaml -- /bin/sleep infinity >/dev/null
matches 'a policy that grants CAP_SYS_ADMIN has none for files unless it asks' "$(isoctl inspect implied --json | jq --raw-output .landlock)" 'files are left out: the policy grants CAP_SYS_ADMIN'
matches 'every other tenant has one' "$(isoctl inspect alone --json | jq --raw-output .landlock)" '^version [0-9]+, files are written in /dev/mqueue /dev/shm /tmp only'
end_tenant implied alone
same 'ordinary work goes on: files, directories, renames and links between them, sockets, queues' \
  "$(inside alone make /tmp/a + mkdir /tmp/d + rename /tmp/a /tmp/d/a + link /tmp/d/a /tmp/b + truncate /tmp/b + socket_file /tmp/s + unlink /tmp/b + write /dev/null + write /proc/self/comm + queue /wall)" \
  'did it|did it|did it|did it|did it|did it|did it|did it|did it|did it'
same 'a stream from outside can be opened by its name' "$(isoctl run -f alone.yaml -- /bin/cat /dev/stdin </etc/debian_version)" "$(</etc/debian_version)"
same 'and so can a discarded one' "$(status_of isoctl run -f alone.yaml -- /bin/sh -c 'echo x >/dev/stderr; echo x >/dev/null; cat </dev/stdin' </dev/null)" 0
policy ports 'network: {tcp: {bind: [8080], connect: [9]}}'
same 'TCP ports that the policy does not name are refused' \
  "$(inside ports bind_port 8080 + bind_port 8081 + connect_port 8081 + connect_port 9)" 'did it|EACCES|EACCES|ECONNREFUSED'
check 'the host listens at an abstract socket' listen_abstractly
policy neighbourly 'network: {mode: host}' 'landlock: false'
policy reserved 'network: {mode: host}'
same 'on the host'"'"'s network, its abstract sockets are in reach without Landlock, and out of it with' \
  "$(inside neighbourly connect lab-wall) $(inside reserved connect lab-wall)" 'did it EPERM'

echo 'disk space'
mkfs.ext4 -q -O quota,project -E quotatype=prjquota /dev/disk/by-id/quota
mkdir -p /srv/quota
mount -o prjquota /dev/disk/by-id/quota /srv/quota
install --directory --owner=65534 --group=65534 /srv/quota/a /srv/quota/a/old /srv/plain
head --bytes=4M /dev/zero >/srv/quota/a/old/file
chown 65534:65534 /srv/quota/a/old/file
policy bounded 'root: {writable: [{path: /data, source: /srv/quota/a}]}' 'disk: {max: 16MiB, inodes: 40}'
matches 'no more is written than the bound, with what was there before' "$(inside bounded fill /data/f 40)" '^EDQUOT after 1[01] MiB$'
matches 'no more files are made than the bound' "$(inside bounded unlink /data/f + make_many /data/old 100)" '^did it\|EDQUOT after 3[0-9]$'
same 'a tenant can not take its files out of the bound' "$(inside bounded leave_project /data/old)" EINVAL
isoctl spawn -f bounded.yaml -- /bin/sleep infinity >/dev/null
matches 'inspect shows what is used' "$(isoctl inspect bounded --json | jq --raw-output '.limits[] | select(.file == "disk /srv/quota/a") | .kernel')" \
  '^4[0-9]{6} of 16777216 bytes used, 40 of 40 inodes used$'
policy second 'root: {writable: [{path: /data, source: /srv/quota/a}]}' 'disk: {max: 16MiB}'
matches 'another tenant can not bound the same directory' "$(refusal second)" 'second.yaml:5:13: .*belongs to project'
end_tenant bounded
policy bounded 'root: {writable: [{path: /data, source: /srv/quota/a}]}'
same 'a policy without the bound lifts it' "$(inside bounded fill /data/f 40)" '40 MiB'
policy plain 'root: {writable: [/srv/plain]}' 'disk: {max: 16MiB}'
matches 'where quotas are off, the policy is refused with the way to turn them on' "$(refusal plain)" 'plain.yaml:5:13: .*(tune2fs -O project,quota|prjquota)'
policy plain 'root: {writable: [/srv/plain]}' 'disk: {max: 16MiB}' 'enforcement: best-effort'
isoctl spawn -f plain.yaml -- /bin/sleep infinity >/dev/null 2>&1
matches 'or is listed as not enforced' "$(isoctl inspect plain --json | jq --raw-output '.notEnforced[]')" 'disk on /srv/plain'
end_tenant plain
policy crumbs 'root: {tmpfs: [{path: /scratch, size: 1MiB, inodes: 10, mode: "1777"}]}'
matches 'a file system in memory has a bound on files' "$(inside crumbs make_many /scratch 30)" '^ENOSPC after [89]$'

echo 'cores'
policy lonely 'cpu: {core_scheduling: true}'
policy alike 'cpu: {core_scheduling: true}'
policy resigned 'cpu: {core_scheduling: true}' 'enforcement: best-effort'
none=$(inside alone cookie)
if [[ $none == EINVAL ]]; then
  matches 'a kernel without core scheduling refuses it' "$(refusal lonely)" 'lonely.yaml:4:24: .*CONFIG_SCHED_CORE=y'
  isoctl spawn -f resigned.yaml -- /bin/sleep infinity >/dev/null 2>&1
  matches 'or lists it as not enforced' "$(isoctl inspect resigned --json | jq --raw-output '.notEnforced[]')" core_scheduling
  end_tenant resigned
elif [[ $(</sys/devices/system/cpu/smt/active) == 1 ]]; then
  one=$(inside lonely cookie) two=$(inside alike cookie)
  same 'who asks has a cookie, and who does not has none' "$([[ $one =~ ^[1-9][0-9]*$ && $two =~ ^[1-9][0-9]*$ ]] && echo yes) $none" 'yes 0'
  check 'each has its own' test "$one" != "$two"
else
  same 'a machine whose cores have one thread needs no cookies, and refuses nobody' "$(inside lonely cookie) $none" 'ENODEV ENODEV'
fi

echo 'shared directories'
install --directory --mode=1777 /srv/exchange
policy alpha 'user: www-data' 'root: {writable: [{path: /srv/exchange, ids: tenant}]}'
policy beta 'user: www-data' 'root: {writable: [{path: /srv/exchange, ids: tenant}]}'
policy gamma 'user: www-data' 'root: {writable: [/srv/exchange]}'
install --owner=www-data --mode=0666 /dev/null /srv/exchange/hosts
same 'what a tenant writes is its own inside' "$(inside alpha make /srv/exchange/a + owners /srv/exchange)" 'did it|a:33 hosts:65534'
range=$(sed -n 's/^alpha //p' /var/lib/isolated/ids)
same 'and belongs to its own ids outside' "$(stat --format=%u /srv/exchange/a)" $((range + 33))
same 'to another tenant with the same user it is nobody'"'"'s, and out of reach' \
  "$(inside beta make /srv/exchange/b + owners /srv/exchange + write /srv/exchange/a + unlink /srv/exchange/a + read /srv/exchange/a)" \
  'did it|a:65534 b:33 hosts:65534|EACCES|EPERM|EACCES'
chown www-data:www-data /srv/exchange
same 'without that key, files have the host'"'"'s owners on both sides' "$(inside gamma make /srv/exchange/c + owners /srv/exchange)" \
  'did it|a:65534 b:65534 c:33 hosts:33'
same 'so the host sees the user that it knows' "$(stat --format=%U /srv/exchange/c)" www-data

finish
