#!/bin/bash
# The six shipped policies, as they are installed, run their real, unmodified programs side by side on one machine,
# and each answers a real request.
# lab-timeout: 600
# Functions run by name (SC2317), and texts for other interpreters are quoted from this one (SC2016).
# shellcheck disable=SC2016,SC2317
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"
clean_up() {
  end_tenants
  rm -rf /var/lib/postgresql/isolated* /usr/share/doc/lab-page
}
trap clean_up EXIT

installed=/usr/share/isolated/policies
page=$(<"$(find /var/www/html -type f | head --lines=1)")

# spawn_policy NAME : starts it, and says what it printed if that fails
spawn_policy() { check "'isoctl spawn $1' starts the shipped policy" isoctl spawn "$1"; }

answers() { curl --silent --fail --max-time 10 "$1"; }
sql() { psql --username=postgres --host=/run/postgresql --no-align --tuples-only --quiet --command="$1"; }
redis() { redis-cli -s /var/lib/redis/redis.sock "$@"; }
redis_is_up() { [[ $(redis PING) == PONG ]]; }

# explain NAME : a tenant that should live and doesn't is explained by its output
explain() {
  is_running "$1" || fails "$1 lives" "$(tenant_json "$1")" "$(isoctl logs "$1" -n 30)"
}

check 'every shipped policy passes the checker' isoctl policy check "$installed"/*.yaml

mkdir -p /usr/share/doc
printf '%s\n' "$page" >/usr/share/doc/lab-page
spawn_policy database # its first start takes longest
spawn_policy web-role
spawn_policy cache
spawn_policy python-app

check 'nginx answers on port 8080' eventually 60 answers http://127.0.0.1:8080/
explain web-role
same 'nginx serves the very page of /var/www/html' "$(answers http://127.0.0.1:8080/index.nginx-debian.html)" "$page"
same 'nginx answers 404 for what is not there' \
  "$(curl --silent --output /dev/null --write-out '%{http_code}' http://127.0.0.1:8080/nothing)" 404
matches 'nginx is the program of the distribution' "$(readlink "/proc/$(payload_of web-role)/exe")" '^/usr/sbin/nginx$'
load=$(ab -q -n 200 -c 8 http://127.0.0.1:8080/index.nginx-debian.html 2>&1 || true)
matches 'nginx answers 200 requests, 8 at a time, and fails none' "$load" 'Complete requests: +200.*Failed requests: +0'

check 'Redis answers a PING' eventually 60 redis_is_up
explain cache
same 'Redis takes a value' "$(redis SET greeting 'good day' 2>&1)" OK
same 'Redis gives the value back' "$(redis GET greeting 2>&1)" 'good day'
same 'Redis has written no file' "$(find /var/lib/redis -type f)" ''
same 'a stranger on the host is kept from its socket' \
  "$(status_of runuser -u nobody -- redis-cli -s /var/lib/redis/redis.sock PING)" 1

check 'the Python application answers on port 8000' eventually 60 answers http://127.0.0.1:8000/
explain python-app
same 'the Python application serves the file that is asked for' "$(answers http://127.0.0.1:8000/lab-page)" "$page"

check 'PostgreSQL makes its cluster and takes connections' eventually 240 sql 'select 1'
explain database
sql 'create table visits (who text); insert into visits values ($$ada$$), ($$grace$$);' || true
same 'PostgreSQL answers a query' "$(sql 'select string_agg(who, $$,$$ order by who) from visits' 2>&1)" 'ada,grace'
check 'PostgreSQL holds a transaction under pgbench' bash -c \
  'set -e; cd /tmp; pg="/usr/lib/postgresql/17/bin/pgbench --username=postgres --host=/run/postgresql"
   $pg --initialize --quiet postgres; $pg --client=4 --transactions=10 postgres'
same 'a stranger on the host is kept from its socket' \
  "$(status_of runuser -u nobody -- psql --username=postgres --host=/run/postgresql --command='select 1')" 2
same 'the host sees its files as those of postgres' "$(stat --format=%U:%a /var/lib/postgresql/isolated)" postgres:700

digest=$(find /usr/share -xdev -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
same 'the worker does its batch job, prints the right result and exits 0' \
  "$(isoctl run worker-role 2>&1 && echo "status $?")" "$digest"$'\n''status 0'

# untrusted LINE... : runs a Python program under the policy; output and status
untrusted() { printf '%s\n' "$@" | isoctl run untrusted-code 2>&1 && echo "status 0" || echo "status $?"; }

same 'untrusted code runs, and its output comes back' "$(untrusted 'print(6 * 7)')" $'42\nstatus 0'
same 'its exit status comes back' "$(untrusted 'raise SystemExit(9)')" 'status 9'
matches 'it can make no socket' "$(untrusted 'import socket' 'socket.socket()')" 'PermissionError.*status 1$'
matches 'it finds no file of the host that is not a program' \
  "$(untrusted 'import os' 'print([d for d in ("/var", "/home", "/root", "/run", "/srv", "/boot") if os.path.exists(d)])')" \
  '^\[\]'
matches 'a fork bomb ends at the 32 processes that it may have' "$(untrusted \
  'import os, time' 'made = 0' 'try:' '  while made < 1000:' \
  '    if os.fork() == 0: time.sleep(600)' '    made += 1' \
  'except BlockingIOError: print("stopped at", "few" if 20 <= made < 32 else made)')" '^stopped at few'
matches 'a memory bomb dies alone' "$(untrusted 'held = []' 'while True: held.append(bytearray(b"x" * 1048576))')" \
  'oom-killed.*status 137$'
matches 'it cannot fill /tmp beyond 16 MiB' "$(untrusted \
  'parts = [open(f"/tmp/{n}", "wb") for n in range(4)]' 'for part in parts: part.write(b"x" * (8 << 20)); part.flush()')" \
  'No space left on device.*status 1$'

for tenant in web-role cache python-app database; do
  check "$tenant has lived through all that" is_running "$tenant"
done
check 'nginx still answers' answers http://127.0.0.1:8080/
same 'Redis still has its value' "$(redis GET greeting 2>&1)" 'good day'

matches 'nginx ends by itself when it is stopped' "$(isoctl stop web-role)" 'exited 0'
matches 'Redis ends by itself when it is stopped' "$(isoctl stop cache)" 'exited 0'
matches 'PostgreSQL ends by itself when it is stopped' "$(isoctl stop database)" 'exited 0'
matches 'the Python application ends when it is stopped' "$(isoctl stop python-app)" 'exited|SIGINT'

spawn_policy database
check 'PostgreSQL comes back' eventually 120 sql 'select 1'
same 'its data has outlived the tenant' "$(sql 'select count(*) from visits' 2>&1)" 2
finish
