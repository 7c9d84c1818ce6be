#!/bin/bash
# `isoctl policy learn` on nginx, Redis and a Python program: what it prints passes the checker, and under it each serves
# the load that it was learnt from, with fewer system calls than by default. `isoctl policy lint` on the shipped policies.
# Seccomp profiles: the engines' own, narrowed ones, log mode, notification.
# lab-timeout: 900
# Functions run by name (SC2317), and texts for other interpreters are quoted from this one (SC2016).
# shellcheck disable=SC2016,SC2317
set -euo pipefail
# shellcheck source=Tests/Lab/lib/checks.sh
. "$LAB/lib/checks.sh"
# shellcheck source=Tests/Lab/lib/tenants.sh
. "$LAB/lib/tenants.sh"
clean_up() {
  end_tenants
  rm -rf /srv/learn /var/lib/learn
}
trap clean_up EXIT

mkdir -p /srv/learn/site /var/lib/learn
chown 65534:65534 /var/lib/learn
cd /srv/learn
printf 'hello from the site\n' >site/page.txt
cat >nginx.conf <<'END'
worker_processes 2;
pid /run/nginx.pid;
error_log stderr warn;
events { worker_connections 256; }
http {
  include /etc/nginx/mime.types;
  access_log off;
  sendfile on;
  client_body_temp_path /run/body; proxy_temp_path /run/proxy; fastcgi_temp_path /run/fastcgi;
  uwsgi_temp_path /run/uwsgi; scgi_temp_path /run/scgi;
  server { listen 8081; root /srv/learn/site; location /up { dav_methods PUT; } }
}
END
cat >program.py <<'END'
import http.server, json, os, signal, sys, threading

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open("/var/lib/learn/count", "a+") as count:
            count.write("x")
        body = json.dumps({"served": os.path.getsize("/var/lib/learn/count")}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 8082), Handler)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever()
END

answers() { curl --silent --fail --max-time 20 "$1"; }
redis() { redis-cli -s "$1" "${@:2}"; }
redis_is_up() { [[ $(redis "$1" PING) == PONG ]]; }

# Loads: the same while learning and afterwards.
load_nginx() {
  same "nginx answers $1" "$(answers http://127.0.0.1:8081/page.txt)" 'hello from the site'
  same "nginx answers 404 $1" \
    "$(curl --silent --output /dev/null --write-out '%{http_code}' http://127.0.0.1:8081/nothing)" 404
  matches "nginx answers 60 requests $1, 4 at a time" "$(ab -q -n 60 -c 4 http://127.0.0.1:8081/page.txt 2>&1 || true)" \
    'Complete requests: +60.*Failed requests: +0'
}
load_redis() {
  same "Redis takes a value $1" "$(redis "$2" SET greeting 'good day' 2>&1)" OK
  same "Redis gives it back $1" "$(redis "$2" GET greeting 2>&1)" 'good day'
  same "Redis saves $1" "$(redis "$2" BGSAVE >/dev/null; eventually 30 redis_saved "$2" && echo saved)" saved
}
redis_saved() { redis "$1" INFO persistence | grep --quiet 'rdb_bgsave_in_progress:0'; }
load_python() {
  matches "the Python program answers $1" "$(answers http://127.0.0.1:8082/)" '"served": [0-9]+'
  matches "and counts $1" "$(for _ in 1 2 3 4 5; do answers http://127.0.0.1:8082/; done)" '"served"'
}

# learn NAME OPTION... -- COMMAND... : starts it in the background; its policy goes to NAME.yaml
learn() {
  local name=$1
  shift
  isoctl policy learn --name "$name" --output "$name.yaml" "$@" >"$name.out" 2>&1 </dev/null &
  learner=$!
}

# learnt NAME : asks for the end and waits for it
learnt() {
  local status=0
  kill -INT "$learner"
  wait "$learner" || status=$?
  if ((status != 0)); then
    fails "$1 is learnt" "status $status" "$(cat "$1.out")"
  else
    pass "$1 is learnt: $(tail --lines=1 "$1.out")"
  fi
  check "the checker takes the policy of $1" isoctl policy check "$1.yaml"
  check "lint finds no error in the policy of $1" isoctl policy lint "$1.yaml"
  is_smaller "$1"
  check "no learning tenant of $1 is left" is_unknown "learn-$1"
}

# is_smaller NAME : the learnt list is part of the default's, and smaller
is_smaller() {
  local said
  said=$(grep --only-matching --extended-regexp '^# [0-9]+ of the [0-9]+ system calls' "$1.yaml" || true)
  if [[ $said =~ ([0-9]+)\ of\ the\ ([0-9]+) ]] && ((BASH_REMATCH[1] < BASH_REMATCH[2] / 2)); then
    pass "$1 needs less than half of the default's system calls ($said)"
  else
    fails "$1 needs less than half of the default's system calls" "$said"
  fi
}

learn web --user www-data --signal SIGQUIT -- /usr/sbin/nginx -e stderr -c /srv/learn/nginx.conf -g 'daemon off;'
check 'nginx comes up while it is watched' eventually 90 answers http://127.0.0.1:8081/page.txt
load_nginx 'while it is watched'
check 'a second run for the same policy is refused' not isoctl policy learn --name web -- /bin/true
learnt web
matches 'nginx is granted its page and its configuration' "$(<web.yaml)" '/srv/learn/nginx.conf.*/srv/learn/site/page.txt'
matches 'nginx is granted the network, with the port that it listens on' "$(<web.yaml)" \
  'listens: tcp 0.0.0.0:8081.*network: \{mode: host\}'

learn cache --user redis --directory /var/lib/redis -- /usr/bin/redis-server --port 0 \
  --unixsocket /var/lib/redis/redis.sock --unixsocketperm 770 --dir /var/lib/redis --save '' --appendonly no
inner=
redis_appears() {
  inner=/proc/$(first_process learn-cache)/root/var/lib/redis/redis.sock
  redis_is_up "$inner"
}
check 'Redis comes up while it is watched' eventually 90 redis_appears
load_redis 'while it is watched' "$inner"
learnt cache
same 'the run has left nothing on the host' "$(find /var/lib/redis -mindepth 1)" ''
matches 'Redis is granted its directory, and no network' "$(<cache.yaml)" \
  'writable:.*/var/lib/redis.*network: \{mode: none\}'

learn app --user nobody --env PYTHONDONTWRITEBYTECODE=1 -- /usr/bin/python3 /srv/learn/program.py
check 'the Python program comes up while it is watched' eventually 120 answers http://127.0.0.1:8082/
load_python 'while it is watched'
learnt app
same 'the run has counted nothing on the host' "$(find /var/lib/learn -mindepth 1)" ''
matches 'the Python program is granted itself and its count' "$(<app.yaml)" \
  'writable:.*/var/lib/learn.*readable:.*program.py.*/srv/learn'

for name in web cache app; do
  check "$name starts under what was learnt" isoctl spawn -f "$name.yaml"
done
check 'nginx comes up' eventually 60 answers http://127.0.0.1:8081/page.txt
load_nginx 'under the learnt policy'
check 'Redis comes up' eventually 60 redis_is_up /var/lib/redis/redis.sock
load_redis 'under the learnt policy' /var/lib/redis/redis.sock
check 'the Python program comes up' eventually 90 answers http://127.0.0.1:8082/
load_python 'under the learnt policy'
for name in web cache app; do check "$name has lived through it" is_running "$name"; done
matches 'nginx ends as it was learnt to' "$(isoctl stop web)" 'exited 0'
matches 'Redis ends as it was learnt to' "$(isoctl stop cache)" 'exited 0'
matches 'the Python program ends as it was learnt to' "$(isoctl stop app)" 'exited 0'
rm -f /var/lib/redis/*

# What a run shows beyond that.
status=0
isoctl policy learn --user nobody -- /bin/sh -c 'cat /etc/shadow; exit 3' >sh.yaml 2>sh.err </dev/null || status=$?
same 'a program that fails by itself is told of' "$status" 1
matches 'its policy is there all the same, with what it was refused' "$(<sh.yaml)" '/etc/shadow \(EACCES\).*tenant: sh'
check 'a duration ends a run' isoctl policy learn --duration 3s --user nobody -- /bin/sleep 600
matches 'a program that is not there gives a fault and no policy' \
  "$(isoctl policy learn -- /no/such/program 2>&1 </dev/null && echo learnt || echo "status $?")" \
  'never executed.*status 1$'
matches 'only root may learn' "$(runuser -u nobody -- isoctl policy learn -- /bin/true 2>&1 </dev/null || true)" 'may not'
matches 'threads, and programs that run programs, are followed' \
  "$(isoctl policy learn --user nobody -- /bin/sh -c '/usr/bin/python3 -c "import threading; t = threading.Thread(target=print); t.start(); t.join()"; /usr/bin/env true' 2>/dev/null </dev/null)" \
  'only: .*clone'

# Lint.
for policy in /usr/share/isolated/policies/*.yaml; do
  check "lint finds no error in the shipped $(basename "$policy")" isoctl policy lint "$policy"
done
sleeping_policy risky 'capabilities: [CAP_SYS_ADMIN]' 'root: {readable: [{path: /s, source: /run}]}' \
  'network: {mode: host}' 'seccomp: {allow: [io_uring_setup], mode: log}' >risky.yaml
same 'errors give status 2' "$(status_of isoctl policy lint risky.yaml)" 2
same 'findings have their codes and places as JSON' \
  "$(isoctl policy lint --json risky.yaml | jq --raw-output '.[0].findings[] | select(.severity == "error") | "\(.code) \(.line)"')" \
  $'lint.cap-sys-admin 4\nlint.control-socket 5\nlint.seccomp-log-mode 7'
sleeping_policy mild 'network: {mode: host}' >mild.yaml
same 'warnings count under --strict only' \
  "$(status_of isoctl policy lint mild.yaml) $(status_of isoctl policy lint --strict mild.yaml)" '0 1'
printf 'tenant: x\n' >broken.yaml
same 'what is no policy gives status 2' "$(status_of isoctl policy lint broken.yaml)" 2
sleeping_policy misspelt 'seccomp: {allow: [opnat]}' >misspelt.yaml
matches 'the checker knows system calls by name' "$(isoctl policy check misspelt.yaml || true)" \
  'misspelt.yaml:4:19: .*did you mean openat'

# Profiles.
engine=/usr/share/containers/seccomp.json
awk '/^seccomp:/ {skip = 1; next} skip && /^ / {next} {skip = 0; print}' web.yaml >engine.yaml
printf 'seccomp: %s\n' "$engine" >>engine.yaml
check "nginx starts under the container engines' own profile" isoctl spawn -f engine.yaml
check 'and comes up' eventually 60 answers http://127.0.0.1:8081/page.txt
load_nginx "under the engines' profile"
matches 'and ends' "$(isoctl stop web)" 'exited 0'
isoctl forget web 2>/dev/null || true

profile() { # profile ACTION... : a profile that allows all but mkdir and rmdir
  printf '{"defaultAction": "SCMP_ACT_ALLOW", %s "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "%s"%s}]}' \
    "${3:-}" "$1" "${2:-}" >/srv/learn/profile.json
}
under_profile() {
  { sleeping_policy filtered 'seccomp: /srv/learn/profile.json' && printf 'user: nobody\n'; } |
    isoctl run -f - -- /bin/sh -c "$1" 2>&1 && echo "status 0" || echo "status $?"
}
profile SCMP_ACT_ERRNO ', "errnoRet": 28'
matches 'a profile chooses the error' "$(under_profile 'mkdir /tmp/x')" 'No space left on device.*status 1'
profile SCMP_ACT_KILL_PROCESS
matches 'a profile kills' "$(under_profile 'mkdir /tmp/x; echo "came back with $?"')" 'came back with 159'
profile SCMP_ACT_TRAP
matches 'a profile traps' "$(under_profile 'mkdir /tmp/x; echo "came back with $?"')" 'came back with 159'
profile SCMP_ACT_LOG '' '"flags": ["SECCOMP_FILTER_FLAG_LOG"],'
same 'a profile that only logs, and its flags, are taken' "$(under_profile 'mkdir /tmp/x; echo made')" $'made\nstatus 0'
profile SCMP_ACT_NOTIFY
matches 'a profile that asks for a notifier is refused with its place and the reason' "$(under_profile true)" \
  'profile.json:1:[0-9]+: SCMP_ACT_NOTIFY needs a process that decides every call.*status 125'
profile SCMP_ACT_TRACE
matches 'so is one that asks for a tracer' "$(under_profile true)" 'SCMP_ACT_TRACE.*status 125'
if [[ $(uname -m) == x86_64 ]]; then
  profile SCMP_ACT_ERRNO '' '"architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],'
  same 'a profile may judge other architectures too' "$(under_profile 'echo on')" $'on\nstatus 0'
fi

# Log mode: the guest's kernel runs with audit=0 and logs nothing, which strict enforcement doesn't accept.
matches 'log mode on a kernel that logs nothing is refused under strict enforcement' \
  "$(sleeping_policy logged 'seccomp: {deny: [mkdir, mkdirat], mode: log}' | isoctl spawn -f - 2>&1 || true)" \
  'would log nothing'
logging() {
  sleeping_policy logged 'seccomp: {deny: [mkdir, mkdirat], mode: log}' 'enforcement: best-effort'
}
matches 'in log mode nothing is refused, and the run says so' \
  "$(logging | isoctl run -f - -- /bin/mkdir /tmp/x 2>&1 && echo made)" 'seccomp is in log mode.*made'
check 'a tenant in log mode starts' isoctl spawn -f <(logging)
matches 'isoctl inspect says that it is no wall' "$(isoctl inspect logged)" 'NOTHING IS REFUSED'
check 'it ends' isoctl stop --grace=0ms logged
finish
