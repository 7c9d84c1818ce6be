#!/bin/bash
# The metrics: both formats to Prometheus's own tool, figures against the kernel's, and a real Prometheus with the shipped
# rules that scrapes for some minutes while tenants come and go and the daemon is killed.
# lab-disks: d1:iops=800,size=1G
# lab-timeout: 900
# Functions run by name (SC2317).
# shellcheck disable=SC2317
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"

endpoint=http://127.0.0.1:9273
rules=/usr/share/isolated/monitoring/isolated.rules.yaml
kept=/var/lib/isolated/io
work=$PWD
prometheus_pid=

clean_up() {
  if [[ -n $prometheus_pid ]]; then
    kill "$prometheus_pid" 2>/dev/null || true
    wait "$prometheus_pid" 2>/dev/null || true
  fi
  end_tenants
  eventually 10 umount /srv/d1 2>/dev/null || true
  rmdir /srv/d1 2>/dev/null || true
  rm -rf "$kept"
}
trap clean_up EXIT

# scrape FORMAT FILE : one exposition; prints its content type
scrape() {
  local accept=text/plain
  [[ $1 == openmetrics ]] && accept='application/openmetrics-text; version=1.0.0'
  curl --silent --show-error --fail --max-time 30 --header "Accept: $accept" --output "$2" \
    --write-out '%{content_type}' "$endpoint/metrics"
}
# sample FILE SERIES : the value of one series, as it stands in the text
sample() { grep --invert-match '^#' "$1" | grep --fixed-strings "$2 " | head --lines=1 | sed 's/.* //'; }
# whole FILE SERIES : the same without its fraction
whole() {
  local value
  value=$(sample "$1" "$2")
  echo "${value%%.*}"
}

policy() {
  local name=$1
  shift
  printf 'tenant: %s\ncommand: [/bin/true]\npids: {max: 64}\n' "$name"
  printf '%s\n' "$@"
}

mkfs.ext4 -q /dev/disk/by-id/d1
mkdir -p /srv/d1
mount /dev/disk/by-id/d1 /srv/d1
dd if=/dev/zero of=/srv/d1/data bs=1M count=128 oflag=direct status=none
chown -R 65534:65534 /srv/d1
disk=$(basename "$(readlink --canonicalize /dev/disk/by-id/d1)")
number=$(cat "/sys/block/$disk/dev")

# Its own counters begin here, whatever ran before.
systemctl restart isolated.service
check 'the endpoint is ready' eventually 20 curl --silent --fail --output /dev/null "$endpoint/readyz"
check 'the disk is measured' isoctl io calibrate /srv/d1 --save

echo 'tenants with promises and troubles'
policy web 'memory: {max: 128MiB, min: 32MiB}' 'cpu: {weight: 200}' 'root: {base: host, writable: [/srv/d1]}' 'io:' \
  '  - {device: /srv/d1, reservation: {iops: 100}, latency: {read: {p99: 40ms}}}' >web.yaml
isoctl spawn -f web.yaml -- /usr/bin/fio --name=web --filename=/srv/d1/data --size=128M --direct=1 --time_based \
  --runtime=800 --thread --ioengine=psync --rw=randread --bs=4k --rate_iops=50 >/dev/null
policy busy 'memory: {max: 64MiB}' 'cpu: {max: 20%}' >busy.yaml
isoctl spawn -f busy.yaml -- /bin/sh -c 'while :; do :; done' >/dev/null
policy greedy 'memory: {max: 48MiB, oom_group: false}' >greedy.yaml
isoctl spawn -f greedy.yaml -- /bin/sh -c \
  'while :; do /usr/bin/python3 -c "b = bytearray(200 << 20)"; sleep 1; done' >/dev/null
sleep 5

echo 'both formats'
matches 'the older one says its type' "$(scrape text text.prom)" '^text/plain; version=0\.0\.4'
matches 'and so does OpenMetrics' "$(scrape openmetrics open.prom)" '^application/openmetrics-text; version=1\.0\.0'
same 'which ends as it must' "$(tail --lines=1 open.prom)" '# EOF'
promtool check metrics <text.prom >lint 2>&1 || true
same "Prometheus's own tool finds no fault" "$(<lint)" ''
same 'nothing was unreadable' "$(grep --count '^isolated_scrape_errors_total' text.prom || true)" 0
same 'no series is there twice' "$(grep --invert-match '^#' text.prom | sed 's/ [^ ]*$//' | sort | uniq --repeated)" ''

echo "figures against the kernel's"
scrape text text.prom >/dev/null
usage=$(counter "$TENANTS_UNIT/busy/cpu.stat" usage_usec)
between 'processor time' $((usage / 1000000 - $(whole text.prom 'isolated_tenant_cpu_usage_seconds_total{tenant="busy"}'))) 0 2
check 'the processor limit holds it back' test \
  "$(sample text.prom 'isolated_tenant_cpu_throttled_periods_total{tenant="busy"}')" -gt 10
same 'and is told' "$(sample text.prom 'isolated_tenant_cpu_limit_ratio{tenant="busy"}')" 0.2
same 'the memory limit' "$(sample text.prom 'isolated_tenant_memory_max_bytes{tenant="web"}')" $((128 << 20))
same 'the reserved memory' "$(sample text.prom 'isolated_tenant_memory_min_bytes{tenant="web"}')" $((32 << 20))
check 'processes killed for memory are counted' test \
  "$(sample text.prom 'isolated_tenant_memory_events_total{tenant="greedy",event="oom_kill"}')" -ge 1
reads=$(sed -n "s/^$number .*rios=\([0-9]*\).*/\1/p" "$TENANTS_UNIT/web/io.stat")
between 'reads, by the name of the disk' \
  $((reads - $(sample text.prom "isolated_tenant_io_operations_total{tenant=\"web\",device=\"$disk\",operation=\"read\"}"))) 0 400
check 'and how long they took' test \
  "$(sample text.prom "isolated_tenant_io_latency_seconds_count{tenant=\"web\",device=\"$disk\",operation=\"read\"}")" -gt 50
check 'in how many seconds the target held' test \
  "$(sample text.prom "isolated_tenant_io_slo_windows_total{tenant=\"web\",device=\"$disk\",operation=\"read\",result=\"met\"}")" -ge 2
check 'and the reservation' test \
  "$(sample text.prom "isolated_tenant_io_reservation_windows_total{tenant=\"web\",device=\"$disk\",result=\"met\"}")" -ge 2
same 'the target' "$(sample text.prom "isolated_tenant_io_target_seconds{tenant=\"web\",device=\"$disk\",operation=\"read\"}")" 0.04
same 'the sensor is there' "$(sample text.prom "isolated_disk_sensor_up{device=\"$disk\"}")" 1
check 'a part of the disk was sold' grep --quiet "^isolated_disk_reserved_ratio{device=\"$disk\"} 0\.[0-9]*[1-9]" text.prom
same 'three starts' "$(sample text.prom isolated_spawns_total)" 3
same 'each in its stages' "$(sample text.prom 'isolated_spawn_stage_seconds_count{stage="exec"}')" 3
policy huge 'memory: {max: 900GiB}' >huge.yaml
check 'what there is no room for is refused' bash -c '! isoctl spawn -f huge.yaml'
scrape text text.prom >/dev/null
same 'and counted' "$(sample text.prom 'isolated_admission_refusals_total{reason="admission.memory"}')" 1
curl --silent --fail --max-time 30 "$endpoint/status.json" >status.json || true
if [[ -s status.json ]]; then
  same 'the status page knows them too' "$(jq --compact-output '[.tenants[].name]' status.json)" '["busy","greedy","web"]'
fi

echo 'a real Prometheus, with the rules as they are shipped'
cat >prometheus.yml <<YAML
global: {scrape_interval: 2s, evaluation_interval: 5s}
rule_files: [$rules]
scrape_configs:
  - job_name: isolated
    static_configs: [{targets: ["127.0.0.1:9273"]}]
YAML
check 'they are in the package and without fault' promtool check rules "$rules"
prometheus --config.file=prometheus.yml --storage.tsdb.path="$work/tsdb" --web.listen-address=127.0.0.1:9090 \
  >prometheus.log 2>&1 &
prometheus_pid=$!
api() { curl --silent --fail --max-time 20 --get "http://127.0.0.1:9090/api/v1/$1" "${@:2}"; }
# query EXPRESSION : the values of its result
query() { api query --data-urlencode "query=$1" | jq --raw-output '.data.result[].value[1]'; }
is_scraped() { [[ $(query 'up{job="isolated"}') == 1 ]]; }
check 'it scrapes' eventually 90 is_scraped

# Tenants that come and go while they are being read.
(
  trap 'exit 0' TERM
  while :; do
    sleeping_policy "brief" >brief.yaml
    isoctl spawn -f brief.yaml >/dev/null 2>&1 || true
    sleep 1
    isoctl stop --grace=0ms brief >/dev/null 2>&1 || true
    isoctl forget brief >/dev/null 2>&1 || true
  done
) &
churn=$!
sleep 100
before=$(systemctl show --property=MainPID --value isolated)
kill -KILL "$before"
is_another() { [[ $(systemctl show --property=MainPID --value isolated) != "$before" ]] && isoctl version >/dev/null; }
check 'the daemon, killed, is there again' eventually 30 is_another
check 'and is scraped again' eventually 30 is_scraped
sleep 120
kill "$churn" 2>/dev/null || true
wait "$churn" 2>/dev/null || true

same 'every rule was evaluated without fault' \
  "$(api rules | jq --raw-output '.data.groups[].rules[] | select(.health != "ok") | "\(.name): \(.lastError)"')" ''
same 'and recorded: processor time' "$(query 'count(tenant:isolated_cpu_usage:rate5m{tenant="busy"})')" 1
# The guest is slow, and has more to do.
between 'which is a fifth of a processor at most (percent)' \
  "$(query 'round(100 * tenant:isolated_cpu_usage:rate5m{tenant="busy"})')" 5 22
same 'missed windows of the target' "$(query 'count(tenant_device_operation:isolated_io_slo_missed:ratio_rate5m{tenant="web"})')" 1
same 'missed seconds of the reservation' "$(query 'count(tenant_device:isolated_io_reservation_missed:ratio_rate5m{tenant="web"})')" 1
between 'the p99 of reads (ms)' \
  "$(query 'round(1000 * tenant_device_operation:isolated_io_latency_seconds:p99_5m{tenant="web",operation="read"})')" 0 200
alerting() { api alerts | jq --raw-output '.data.alerts[].labels.alertname' | sort --unique; }
check 'who is killed for memory again and again raises an alert' grep --quiet --line-regexp IsolatedTenantOOMLoop <(alerting)

# What belongs to a group goes on over the daemon's end; what is the daemon's starts anew.
for name in cpu_usage_seconds_total 'memory_events_total{event="oom_kill"}' pressure_waiting_seconds_total io_bytes_total; do
  selector="isolated_tenant_$name"
  same "no counter of a lasting group fell: $name" "$(query "sum(resets(($selector and on (tenant) isolated_tenant_start_time_seconds{tenant!=\"brief\"})[10m:2s]))")" 0
done
same 'the daemon started twice' "$(query 'changes(process_start_time_seconds{job="isolated"}[10m])')" 1
same 'its own counters began anew, once' "$(query 'resets(process_cpu_seconds_total{job="isolated"}[10m])')" 1
same 'and so did those of the IO loop' \
  "$(query 'resets(isolated_tenant_io_latency_seconds_count{tenant="web",operation="read"}[10m])')" 1
# A counter that falls without having begun anew would be lower than what it fell to by less than a beginning explains.
api query --data-urlencode 'query={job="isolated",__name__=~"isolated_.*_total|process_cpu_seconds_total|isolated_.*_(bucket|count)"}[10m]' |
  jq --raw-output --argjson start "$(query 'process_start_time_seconds{job="isolated"}')" '
    .data.result[] | select(.metric.tenant != "brief") | . as $series
    | [range(1; .values | length)] | map(select(($series.values[.][1] | tonumber) < ($series.values[. - 1][1] | tonumber)))
    | map($series.values[.][0]) | select(length > 0) | map(select(. < $start - 1 or . > $start + 30)) | select(length > 0)
    | "\($series.metric.__name__) fell at \(.)"' >fell
same 'no counter ever fell but with the daemon' "$(<fell)" ''

same 'tenants that ended while they were read are no errors' \
  "$(query 'count(isolated_scrape_errors_total)')" ''
same 'Prometheus dropped no sample' \
  "$(grep --extended-regexp --count 'out-of-order|duplicate|Error on ingesting|append failed' prometheus.log || true)" 0
between 'and missed no more scrapes of 2 s than a restart in a slow guest explains' \
  "$(query 'sum_over_time((up{job="isolated"} == bool 0)[10m:2s])')" 0 25
end_tenant brief
sleep 3
scrape text text.prom >/dev/null
same 'who has gone has no series' "$(grep --count 'tenant="brief"' text.prom || true)" 0
finish
