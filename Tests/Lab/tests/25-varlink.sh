#!/bin/bash
# Clients that others have written talk to the daemon: varlinkctl of systemd, and the Python package varlink.
# lab-timeout: 240
# Functions run by name (SC2317), and texts for other interpreters are quoted from this one (SC2016).
# shellcheck disable=SC2016,SC2317
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"
trap end_tenants EXIT

socket=/run/isolated/io.isolated
ctl() { timeout 60 varlinkctl "$@"; }
document=$(sleeping_policy guest)
spawn=$(jq --null-input --compact-output --arg document "$document" '{document: $document}')

echo 'varlinkctl'
matches 'info tells product, version and interfaces' "$(ctl info $socket)" 'Version: +[0-9.]+.*io\.isolated'
matches 'list-interfaces lists ours' "$(ctl list-interfaces $socket)" 'io\.isolated'
check 'the description is an interface that it can parse' bash -c "varlinkctl introspect $socket io.isolated >interface.varlink"
for method in Spawn Wait List Inspect Kill Stop Forget Logs Version Freeze Thaw Update Events Usage; do
  check "the description has the method $method" grep --quiet "method $method" interface.varlink
done
check 'and stays the same when varlinkctl reads it back' varlinkctl validate-idl interface.varlink
check 'List answers' jq --exit-status '.tenants == []' <(ctl call $socket io.isolated.List '{}')
check 'Version answers' jq --exit-status '.controllers | index("memory")' <(ctl call $socket io.isolated.Version '{}')
check 'Spawn answers with a name and a pid' jq --exit-status '.name == "guest" and .pid > 1' <(ctl call $socket io.isolated.Spawn "$spawn")
check 'the tenant runs' is_running guest
check 'Inspect answers' jq --exit-status '.tenant.summary.name == "guest"' <(ctl call $socket io.isolated.Inspect '{"name":"guest"}')
check 'Kill answers' ctl call $socket io.isolated.Kill '{"name":"guest","signal":15}'
check 'Wait answers with the end' jq --exit-status '.exit.signal == 15' <(ctl call $socket io.isolated.Wait '{"name":"guest"}')
check 'Forget answers' ctl call $socket io.isolated.Forget '{"name":"guest"}'
same 'an error comes as an error' "$(status_of ctl call $socket io.isolated.Inspect '{"name":"nobody"}')" 1
matches 'with its name' "$(<"$CHECK_OUTPUT")" 'io\.isolated\.Failed'
same 'a method that there is not is an error' "$(status_of ctl call $socket io.isolated.Nothing '{}')" 1
foreground=$(jq --compact-output '. + {command: ["/bin/sh", "-c", "exit 5"], foreground: true}' <<<"$spawn")
ctl call --more $socket io.isolated.Spawn "$foreground" | tr --delete '\036' >more.json || true
same 'a foreground Spawn with --more answers when it runs and when it has ended' \
  "$(jq --compact-output '[.name, .exit.status]' more.json)" $'["guest",null]\n["guest",5]'
same 'a foreground Spawn without it is refused' "$(status_of ctl call $socket io.isolated.Spawn "$foreground")" 1
check 'nothing is left of it' is_unknown guest

echo 'the Python package varlink'
check 'it is installed' python3 -c 'import varlink'
cat >client.py <<'P'
import json
import sys
import varlink

document = sys.argv[1]
with varlink.Client.new_with_address("unix:/run/isolated/io.isolated") as client:
    assert "io.isolated" in client.get_interface_names() if hasattr(client, "get_interface_names") else True
    with client.open("io.isolated", namespaced=True) as daemon:
        assert daemon.List().tenants == [], "tenants before"
        spawned = daemon.Spawn(document=document)
        assert spawned.name == "guest" and spawned.pid > 1, spawned
        assert [tenant.name for tenant in daemon.List().tenants] == ["guest"]
        limits = {limit.file: limit.kernel for limit in daemon.Inspect("guest").tenant.limits}
        assert limits["memory.max"] == "33554432", limits
        daemon.Kill("guest", 9)
        assert daemon.Wait("guest").exit.signal == 9
        daemon.Forget("guest")
        try:
            daemon.Inspect("guest")
            raise SystemExit("no error for an unknown tenant")
        except varlink.VarlinkError as fault:
            assert fault.error() == "io.isolated.Failed", fault
            assert fault.parameters()["code"] == "tenant.unknown", fault
    with client.open("io.isolated") as daemon:
        answers = list(daemon.Spawn(document=document, command=["/bin/sh", "-c", "exit 6"], foreground=True, _more=True))
        assert [answer.get("exit", {}).get("status") for answer in answers] == [None, 6], answers
print("all held")
P
same 'introspection, calls, errors and a stream of answers work with it' "$(timeout 120 python3 client.py "$document" 2>&1 | tail --lines=5)" 'all held'
finish
