#!/bin/bash
# The audit trail in a real journal: every privileged action is there with who, what and result; secrets are nowhere;
# nobody can forge a field, stop the daemon by a journal that doesn't read, or drown others' records.
# lab-timeout: 400
# Functions run by name (SC2317), and texts for other interpreters are quoted from this one (SC2016).
# shellcheck disable=SC2016,SC2317
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"

clean_up() {
  pkill -CONT --exact systemd-journal || true
  rm -rf /etc/isolated/policies
  end_tenants
  userdel --remove alan 2>/dev/null || true
  userdel barbara || true
  systemctl start isolated.service || true
}
trap clean_up EXIT

# The secret is put together here, so that no command line has it.
secret=$(printf 'hunter%s-%s' 2 "$RANDOM$RANDOM")
began=$(date +'%Y-%m-%d %H:%M:%S')
useradd --groups=isolated --create-home --no-log-init alan
useradd --groups=isolated --no-log-init barbara
as() { runuser --user="$1" -- "${@:2}"; }
mkdir -p /etc/isolated/policies
{ sleeping_policy open && echo 'allow: {groups: [isolated]}'; } >/etc/isolated/policies/open.yaml
sleeping_policy shut >/etc/isolated/policies/shut.yaml

# records FILTER : the records of this run that jq's FILTER selects, one JSON object to a line
records() {
  journalctl --sync
  journalctl --since="$began" --identifier=isolated-audit --output=json --quiet | jq --compact-output "select($1)"
}
# facts FILTER FIELD... : some fields of them, ISOLATED_ apart
facts() {
  local filter=$1 format='' name
  shift
  for name in "$@"; do format+="\\(.ISOLATED_$name // \"-\") "; done
  records "$filter" | jq --raw-output "\"$format\"" | sed 's/ $//'
}

echo 'what root does'
isoctl spawn open --name mine -e "TOKEN=$secret" -- /bin/sh -c 'exec /bin/sleep infinity' "$secret" >/dev/null
same 'a spawn is recorded, with the program and not its arguments' \
  "$(facts '.ISOLATED_TENANT == "mine"' ACTION RESULT POLICY PROGRAM ENVIRONMENT UID PROCESS)" \
  'spawn done open /bin/sh changed 0 isoctl'
same 'with the digest of the policy'\''s text' "$(facts '.ISOLATED_TENANT == "mine"' POLICY_SHA256)" \
  "$(sha256sum </etc/isolated/policies/open.yaml | cut --delimiter=' ' --fields=1)"
same 'and the tenant'\''s first process' "$(facts '.ISOLATED_TENANT == "mine"' TENANT_PID)" "$(first_process mine)"
isoctl kill -s USR2 mine || true
isoctl stop --grace=1s mine >/dev/null
isoctl forget mine
same 'a signal, a stop and a forget are' \
  "$(facts '.ISOLATED_TENANT == "mine" and .ISOLATED_ACTION != "spawn"' ACTION RESULT SIGNAL)" \
  $'kill done 12\nstop done -\nforget done -'
sleeping_policy inline "environment: {PASSWORD: \"$secret\"}" | isoctl spawn -f - >/dev/null
same 'a policy that comes with the call says so' "$(facts '.ISOLATED_TENANT == "inline"' POLICY POLICY_SOURCE)" '- client'
isoctl stop --grace=0ms inline >/dev/null

echo 'what is refused and denied'
same 'a policy that there is not is refused' "$(status_of isoctl spawn nothing)" 1
same 'and recorded with its code' "$(facts '.ISOLATED_POLICY == "nothing"' ACTION RESULT ERROR)" \
  'spawn refused policy.unknown'
{ sleeping_policy large | sed 's/32MiB/900GiB/'; } >large.yaml
same 'memory that there is not is refused' "$(status_of isoctl spawn -f large.yaml)" 1
same 'and recorded' "$(facts '.ISOLATED_TENANT == "large"' ACTION RESULT ERROR)" 'spawn refused admission.memory'
same 'a faulty policy is refused' "$(printf 'tenant: faulty\nenvironment: {A: "%s", A: 1_0}\n' "$secret" | { status_of isoctl spawn -f -; })" 1
same 'a user whom the policy does not allow is denied' "$(status_of as alan isoctl spawn shut)" 1
same 'and recorded, with who' "$(facts '.ISOLATED_POLICY == "shut"' ACTION RESULT ERROR UID PROCESS)" \
  "spawn denied control.not-permitted $(id --user alan) isoctl"
as alan isoctl spawn open --name alans >/dev/null
for action in kill stop forget inspect logs wait; do as barbara isoctl "$action" alans >/dev/null 2>&1 || true; done
same 'whoever touches another'\''s tenant is recorded' \
  "$(facts ".ISOLATED_UID == \"$(id --user barbara)\"" ACTION RESULT TENANT)" \
  "$(printf '%s denied alans\n' kill stop forget inspect logs wait)"
as alan isoctl inspect alans >/dev/null
isoctl ps >/dev/null
same 'looking at one'\''s own is not' "$(facts '.ISOLATED_ACTION == "inspect" and .ISOLATED_RESULT != "denied"' ACTION)" ''

echo 'forgery and floods'
python3 - <<'P'
import json, socket
connection = socket.socket(socket.AF_UNIX)
connection.connect("/run/isolated/io.isolated")
parameters = {"name": "forged\nISOLATED_RESULT=done\n_UID=4711\x1b[2J"}
connection.sendall(json.dumps({"method": "io.isolated.Stop", "parameters": parameters}).encode() + b"\0")
connection.recv(65536)
P
same 'a name with newlines is one field' "$(records '(.ISOLATED_TENANT | tostring) | startswith("forged") or startswith("[102")' | wc --lines)" 1
same 'and forges no other' "$(journalctl --since="$began" --quiet --output=cat _UID=4711 | wc --lines)" 0
same 'nor a result' "$(facts '.ISOLATED_ERROR == "tenant.unknown" and .ISOLATED_ACTION == "stop"' RESULT)" refused

as barbara timeout 60 python3 - <<'P'
import json, socket
connection = socket.socket(socket.AF_UNIX)
connection.connect("/run/isolated/io.isolated")
call = json.dumps({"method": "io.isolated.Inspect", "parameters": {"name": "alans"}}).encode() + b"\0"
for _ in range(60):
    connection.sendall(call)
    answer = b""
    while not answer.endswith(b"\0"):
        answer += connection.recv(65536)
P
between 'a user who is denied over and over fills no journal (records)' \
  "$(facts ".ISOLATED_UID == \"$(id --user barbara)\" and .ISOLATED_ACTION == \"inspect\"" ACTION | wc --lines)" 2 59
sleep 1
as barbara isoctl inspect alans >/dev/null 2>&1 || true
check 'and what was left out is told' test -n "$(records '.ISOLATED_SUPPRESSED != null')"

pkill -STOP --exact systemd-journal
# Its queue holds net.unix.max_dgram_qlen entries.
python3 - <<'P'
import json, socket
connection = socket.socket(socket.AF_UNIX)
connection.connect("/run/isolated/io.isolated")
call = json.dumps({"method": "io.isolated.Forget", "parameters": {"name": "nobody"}}).encode() + b"\0"
for _ in range(2000):
    connection.sendall(call)
    answer = b""
    while not answer.endswith(b"\0"):
        answer += connection.recv(65536)
P
pass 'a journal that does not read stops no call'
pkill -CONT --exact systemd-journal
journalctl --sync
same 'the next call' "$(status_of isoctl forget nobody)" 1
lost=$(facts '.ISOLATED_ACTION == "lost"' LOST | tail --lines=1)
between 'says how many records were lost' "${lost:-0}" 1 2000
kept=$(facts '.ISOLATED_TENANT == "nobody"' ACTION | wc --lines)
same 'and no record is missing from the sum' "$((kept + lost))" 2001

echo 'the daemon'
systemctl restart isolated.service
same 'its end and its start are recorded' "$(facts '.ISOLATED_ACTION | startswith("daemon-")' ACTION SIGNAL | tail --lines=2)" \
  $'daemon-stop 15\ndaemon-start -'
same 'and the tenant that it took over' "$(facts '.ISOLATED_ACTION == "adopt"' TENANT TENANT_PID)" "alans $(first_process alans)"
systemctl stop isolated.service
gone=$(jq .pid /run/isolated/tenants/alans.json)
kill -KILL "$gone"
check 'a tenant ends while there is no daemon' eventually 20 not test -d "/proc/$gone"
systemctl start isolated.service
same 'one that ended meanwhile is settled' "$(facts '.ISOLATED_ACTION == "settle"' TENANT CAUSE)" 'alans init-lost'

echo 'secrets'
journalctl --sync
check 'the trail is not empty' test "$(records true | wc --lines)" -gt 20
same 'the secret is nowhere in the whole journal' "$(journalctl --boot --output=export --quiet | grep --count --text --fixed-strings "$secret" || true)" 0
same 'every record has a message id' "$(records '.MESSAGE_ID == null' | wc --lines)" 0
same 'and is the daemon'\''s own' "$(records '._SYSTEMD_UNIT != "isolated.service" or ._UID != "0"' | wc --lines)" 0
finish
