#!/bin/bash
# Ten tenants under load, each of which counts, while the daemon is killed, restarted, reloaded and upgraded at random: no
# number of any count is lost, no exit status of those that end meanwhile, and nothing stays behind.
# Usage: 72-torture.sh [ROUNDS [SEED]]
# lab-timeout: 500
# Functions run by name (SC2317), and texts for other interpreters are quoted from this one (SC2016).
# shellcheck disable=SC2016,SC2317
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"
# shellcheck source=Tests/Lab/lib/traces.sh
. "$LAB/lib/traces.sh"

rounds=${1:-12}
RANDOM=${2:-4}
package=/lab/.shared/product.deb
clean_up() {
  systemctl start isolated.service
  end_tenants
}
trap clean_up EXIT

main_pid() { systemctl show --property=MainPID --value isolated.service; }
serves() { timeout 90 isoctl ps >/dev/null; }

sleeping_policy warm | isoctl run -f - -- /bin/true
take_traces before
# A beat each 200 ms, and in between work for the processor and for the disk.
beat='n=0
while :; do
  n=$((n + 1))
  echo "beat $n"
  head -c 20000 /dev/urandom >/tmp/load && cksum </tmp/load >/dev/null
  sleep 0.2
done'
since=$(date +%s)
names=(beat-0 beat-1 beat-2 beat-3 beat-4 beat-5 beat-6 beat-7 beat-8 beat-9)
for name in "${names[@]}"; do
  sleeping_policy "$name" 'cpu: {max: 5%}' | isoctl spawn -f - -- /bin/sh -c "$beat" >/dev/null
done
declare -A payload
for name in "${names[@]}"; do payload[$name]=$(payload_of "$name"); done
running() { isoctl ps --json | jq --raw-output '[.tenants[] | select(.state == "running" and (.name | startswith("beat-"))) | "\(.name) \(.pid)"] | sort | join(" ")'; }
all_running=$(running)

declare -A done_what=([kill]=0 [restart]=0 [reload]=0 [upgrade]=0)
act() {
  done_what[$1]=$((done_what[$1] + 1))
  case $1 in
  kill) kill -KILL "$(main_pid)" ;;
  restart) systemctl restart isolated.service ;;
  reload) systemctl reload isolated.service ;;
  upgrade) dpkg --install --force-confold $package >/dev/null 2>&1 ;;
  esac
}
acts=(kill kill kill kill kill restart restart restart restart reload reload reload reload upgrade)
statuses=0 undone=0
for ((round = 1; round <= rounds; round++)); do
  what=${acts[RANDOM % ${#acts[@]}]}
  status=$((RANDOM % 200 + 1))
  # One that ends at some time around it, and one whose start it may cut off.
  sleeping_policy brief | isoctl spawn -f - -- /bin/sh -c "sleep 0.$((RANDOM % 10)); exit $status" >/dev/null
  (sleep "0.$((RANDOM % 6))"; sleeping_policy cut | timeout 90 isoctl spawn -f - -- /bin/sh -c "exit $status" >/dev/null 2>&1) &
  starter=$!
  sleep "0.$((RANDOM % 10))"
  act "$what" || fails "round $round: $what succeeds" "$(systemctl status --no-pager isolated.service)"
  serves || fails "round $round: after $what, the daemon serves" "$(systemctl status --no-pager isolated.service)"
  wait $starter || true
  for name in brief cut; do
    found=$(timeout 60 isoctl wait $name 2>waited >&2 && echo 0 || echo $?)
    [[ $name == brief ]] || ! grep --quiet 'no tenant' waited || { undone=$((undone + 1)) && continue; }
    # A start that was cut off after its record was written has ended as killed, before its command ran.
    if [[ $found == "$status" ]]; then
      statuses=$((statuses + 1))
    elif [[ $name == cut && $(tenant_json cut | jq --raw-output .exit.cause) =~ ^(killed|init-lost)$ ]]; then
      undone=$((undone + 1))
    else
      fails "round $round: after $what, $name has ended with $status" "found $found: $(tenant_json $name)"
    fi
  done
  end_tenant brief cut
  [[ $(running) == "$all_running" ]] || fails "round $round: after $what, all ten run on" "$(isoctl ps)" "were: $all_running"
  for name in "${names[@]}"; do
    [[ -d /proc/${payload[$name]} ]] || fails "round $round: after $what, the command of $name runs on"
  done
  ((round % 10 != 0)) || echo "round $round of $rounds, after $SECONDS s: $checks_failed failures"
done
same "$rounds rounds (${done_what[kill]} kills, ${done_what[restart]} restarts, ${done_what[reload]} reloads, ${done_what[upgrade]} upgrades; $statuses exit statuses, $undone starts undone) have failed in nothing" "$checks_failed" 0

systemctl stop isolated-tenants.service
for name in "${names[@]}"; do
  check "$name has ended with isolated-tenants" test ! -d "/proc/${payload[$name]}"
done
journalctl --sync
for name in "${names[@]}"; do
  beats=$(journalctl --identifier="$name" --since="@$since" --output=cat --quiet | sed -n 's/^beat //p')
  count=$(wc --lines <<<"$beats")
  same "$name: none of its $count beats is lost" "$(cksum <<<"$beats")" "$(seq "$count" | cksum)"
  check "$name: it has counted all the time" test "$count" -gt $((rounds / 2))
done
systemctl start isolated.service
serves
for name in "${names[@]}"; do
  matches "$name: its end is told" "$(tenant_json "$name" | jq --raw-output '.state + " " + .exit.cause')" '^ended (killed|init-lost|signaled)'
done
end_tenants
check 'nothing is left' eventually 30 \
  bash -c 'diff <(grep --invert-match "^daemon\|^descriptor" before) <(. "$LAB/lib/tenants.sh"; . "$LAB/lib/traces.sh"; traces | LC_ALL=C sort | grep --invert-match "^daemon\|^descriptor")'
finish
