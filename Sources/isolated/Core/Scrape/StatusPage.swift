// swift-format-ignore-file
// Generated from status.html by scripts/embed-status-page: change that, and run this.

/// The status page, one document without anything external.
enum StatusPage {
  /// Allows the page's own style sheet and script, its icon, and requests to the endpoint that it came from.
  static let contentSecurityPolicy =
    "default-src 'none'; script-src 'sha256-g06T5IRchX4EY7T5OsH//HzxupR2yld9xvaUuVlAGVk='; style-src 'sha256-iQ+JHRqmyVsU4j5dl4VWMKTsvQbup220TLf2C8i6jCg='; connect-src 'self'; img-src data:; "
    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

  /// The document.
  static let html = ##"""
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>isolated</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect x='1' y='1' width='6' height='6' rx='1' fill='%234a7dbd'/%3E%3Crect x='9' y='1' width='6' height='6' rx='1' fill='%238a94a3'/%3E%3Crect x='1' y='9' width='6' height='6' rx='1' fill='%238a94a3'/%3E%3Crect x='9' y='9' width='6' height='6' rx='1' fill='%238a94a3'/%3E%3C/svg%3E">
<style>
:root {
  --ground: #f6f7f9; --panel: #ffffff; --line: #dde1e7; --faint: #eceff3;
  --ink: #1b212b; --muted: #5c6675; --accent: #2c5f9e; --bar: #9db4d0;
  --good: #22734a; --watch: #8a5a00; --watch-ground: #fff4d9; --bad: #b3261e; --bad-ground: #fdeae8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12161c; --panel: #191e26; --line: #2b323d; --faint: #222833;
    --ink: #dde3ea; --muted: #929dab; --accent: #8db4e2; --bar: #47617f;
    --good: #6cc495; --watch: #e6b450; --watch-ground: #332a15; --bad: #ff8a80; --bad-ground: #3b1d1c;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0 auto; max-width: 1680px; padding: 0 20px 32px; background: var(--ground); color: var(--ink);
  font: 13px/1.4 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif;
  font-variant-numeric: tabular-nums;
}
button, input, select { font: inherit; color: inherit; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
a { color: var(--accent); }
h2 { margin: 0; font-size: 13px; font-weight: 600; }
.muted { color: var(--muted); }
.good { color: var(--good); }
.watch { color: var(--watch); }
.bad { color: var(--bad); }

header { overflow-wrap: anywhere; display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 18px; padding: 14px 0 10px; }
h1 { margin: 0; font-size: 17px; font-weight: 600; overflow-wrap: anywhere; }
h1 span { font-weight: 400; color: var(--muted); }
#live { margin-left: auto; }
#live::before { content: "●"; margin-right: 6px; font-size: 10px; vertical-align: 1px; }
#alarm {
  position: sticky; top: 0; z-index: 3; margin: 0 0 12px; padding: 10px 14px; border-radius: 6px;
  background: var(--bad); color: var(--ground); font-weight: 600;
}
.stale main { opacity: .5; filter: grayscale(1); }

#facts { display: flex; flex-wrap: wrap; gap: 10px; margin: 0 0 14px; }
.fact {
  flex: 1 1 150px; padding: 9px 14px 10px; background: var(--panel); border: 1px solid var(--line); border-radius: 6px;
}
.fact b { display: block; font-size: 21px; line-height: 1.25; font-weight: 600; }
.fact .meter { margin-top: 5px; }

section { margin: 0 0 18px; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 12px; margin: 0 0 8px; min-height: 28px; }
.bar input[type=search] {
  width: 230px; padding: 4px 9px; background: var(--panel); border: 1px solid var(--line); border-radius: 5px;
}
.bar label { display: flex; align-items: center; gap: 6px; }
.bar #shown { margin-left: auto; }
#order { display: none; }

#disks { display: grid; grid-template-columns: repeat(auto-fit, minmax(330px, 1fr)); gap: 10px; }
.disk { min-width: 0; overflow-wrap: anywhere; padding: 10px 14px 12px; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; }
.disk h3 { display: flex; gap: 8px; align-items: baseline; margin: 0; font-size: 14px; font-weight: 600; }
.disk h3 .tag { margin-left: auto; }
.disk p { margin: 3px 0 0; white-space: pre-line; }
.disk .share { position: relative; height: 8px; margin: 8px 0 5px; border-radius: 4px; background: var(--faint); }
.share i { position: absolute; top: 0; bottom: 0; left: 0; border-radius: 4px; }
.share .used { width: calc(var(--used, 0) * 100%); background: var(--bar); }
.share .mark { width: 2px; background: var(--ink); left: calc(var(--at, 0) * 100% - 1px); border-radius: 0; top: -2px; bottom: -2px; }
.tag { padding: 0 7px; border: 1px solid var(--line); border-radius: 9px; font-size: 12px; font-weight: 400; color: var(--muted); }

.frame { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; }
table { width: 100%; border-collapse: separate; border-spacing: 0; }
th { position: sticky; top: 0; z-index: 2; padding: 0; background: var(--panel); border-bottom: 1px solid var(--line); font-weight: 600; text-align: left; white-space: nowrap; }
th:first-child { border-top-left-radius: 6px; }
th:last-child { border-top-right-radius: 6px; }
.alarmed th { top: 40px; }
th button { width: 100%; padding: 7px 9px 6px; border: 0; background: none; font-weight: 600; text-align: inherit; cursor: pointer; }
th[aria-sort=ascending] button::before { content: "↑ "; color: var(--accent); }
th[aria-sort=descending] button::before { content: "↓ "; color: var(--accent); }
td { padding: 4px 9px; border-top: 1px solid var(--faint); vertical-align: middle; white-space: nowrap; }
tbody tr:first-child td { border-top: 0; }
.number { text-align: right; }
tr.row:hover td { background: var(--faint); }
tr.row.is-bad td:first-child { box-shadow: inset 3px 0 var(--bad); }
tr.row.is-watch td:first-child { box-shadow: inset 3px 0 var(--watch); }
tr.row.is-over td { color: var(--muted); }
td small { display: inline-block; margin-left: 6px; font-size: 12px; color: var(--muted); }
td.reads small, td.writes small { min-width: 5.6em; }
td.memory small { min-width: 5.2em; }
td.pids small { min-width: 3.7em; }
td small:empty { display: none; }
.name button {
  display: block; width: 100%; max-width: 21em; padding: 0; border: 0; background: none; text-align: left; font-weight: 600;
  overflow: hidden; text-overflow: ellipsis; cursor: pointer; unicode-bidi: isolate;
}
.name button::before { content: "▸"; display: inline-block; width: 1.2em; color: var(--muted); font-weight: 400; }
.name button[aria-expanded=true]::before { content: "▾"; }
.verdict { white-space: normal; min-width: 13em; overflow-wrap: anywhere; }
.meter { height: 3px; margin-top: 2px; border-radius: 2px; background: var(--faint); overflow: hidden; }
.meter i { display: block; height: 100%; width: calc(min(1, var(--v, 0)) * 100%); background: var(--bar); }
.meter.bad i { background: var(--bad); }
.meter.watch i { background: var(--watch); }
td .meter { width: 100%; min-width: 62px; }
tr.detail > td { padding: 4px 14px 12px 28px; background: var(--faint); border-top: 0; white-space: normal; overflow-wrap: anywhere; }
.detail dl { display: grid; grid-template-columns: fit-content(14em) minmax(0, 1fr); gap: 2px 16px; margin: 6px 0 0; max-width: 92ch; }
.detail dt { color: var(--muted); }
.detail dd { margin: 0; }
.detail h4 { margin: 10px 0 0; font-size: 13px; }
.empty { padding: 22px 14px; text-align: center; color: var(--muted); }
footer { color: var(--muted); max-width: 105ch; }
footer p { margin: 0 0 6px; }

@media (max-width: 1279px) {
  .optional { display: none; }
}
@media (max-width: 860px) {
  body { padding: 0 10px 24px; }
  #live { margin-left: 0; }
  main:not([hidden]) { display: flex; flex-direction: column; }
  #disk-section { order: 1; }
  footer { order: 2; }
  #facts { gap: 6px; }
  .fact { flex: 1 1 28%; padding: 5px 9px 7px; font-size: 12px; }
  .fact b { font-size: 17px; }
  #disks { grid-template-columns: minmax(0, 1fr); }
  #order { display: flex; }
  #order select { padding: 4px 6px; background: var(--panel); border: 1px solid var(--line); border-radius: 5px; }
  .bar input[type=search] { flex: 1 1 100%; width: auto; padding: 7px 10px; font-size: 16px; }
  thead { display: none; }
  table, tbody, tr.detail, tr.detail > td { display: block; }
  tr.row {
    display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 3px 14px; padding: 8px 12px;
    border-top: 1px solid var(--faint);
  }
  tbody tr.row:first-child { border-top: 0; }
  tr.row td { display: block; padding: 0; border: 0; text-align: left; white-space: normal; }
  tr.row td.optional { display: none; }
  tr.row td.name { order: -4; }
  tr.row td.verdict { order: -3; }
  tr.row td.latency { order: -2; }
  tr.row td.memory { order: -1; }
  tr.row td small { min-width: 0; margin-left: 4px; white-space: nowrap; }
  tr.row td.name, tr.row td.verdict { grid-column: 1 / -1; }
  tr.row.is-bad { box-shadow: inset 3px 0 var(--bad); }
  tr.row.is-watch { box-shadow: inset 3px 0 var(--watch); }
  tr.row.is-bad td:first-child, tr.row.is-watch td:first-child { box-shadow: none; }
  tr.row:hover td { background: none; }
  td.memory::before { content: none !important; }
  td[data-label]::before { content: attr(data-label) " "; color: var(--muted); }
  td.blank { display: none !important; }
  .name button { max-width: none; font-size: 14px; padding: 2px 0; }
  .verdict { min-width: 0; }
  tr.detail > td { padding: 4px 12px 12px; }
  .detail dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .detail dd { margin-bottom: 4px; }
}
</style>
</head>
<body>
<header>
  <h1>isolated <span id="host"></span></h1>
  <span id="about" class="muted"></span>
  <span id="live" class="muted" role="status">connecting</span>
</header>
<noscript><p>This page draws its tables with JavaScript. Without it, the same facts are in
<a href="/status.json">/status.json</a> and <a href="/metrics">/metrics</a>, and in <code>isoctl ps</code> on the host.</p></noscript>
<div id="alarm" role="alert" hidden></div>
<main id="main" hidden>
  <div id="facts"></div>
  <section id="disk-section"><div class="bar"><h2>Disks</h2></div><div id="disks"></div></section>
  <section>
    <div class="bar">
      <h2>Tenants</h2>
      <input id="filter" type="search" placeholder="Filter: name, policy, state, disk" aria-label="Filter tenants" autocomplete="off" spellcheck="false">
      <label><input id="attention" type="checkbox"> need attention</label>
      <label id="order">by <select id="order-by" aria-label="Sort by"></select></label>
      <span id="shown" class="muted"></span>
    </div>
    <div class="frame">
      <table><thead><tr id="columns"></tr></thead><tbody id="rows"></tbody></table>
      <div id="empty" class="empty" hidden></div>
    </div>
  </section>
  <footer>
    <p><b>Missed</b>: in the last window a latency is above its target, or less than 95 % of a reservation is attained.
      <b>Watch</b>: more than 1 % of the windows since the start missed their target, CPU throttled for more than 10 % of the
      time, memory within 5 % of its maximum, waiting for memory for more than 10 % of the time, or an OOM kill.</p>
    <p>Latencies are the tenant's own, without the wait for its own limit. <b>Kept</b> counts windows since the daemon
      started. The figures come anew every 2 seconds. Elsewhere: <a href="/metrics">/metrics</a>,
      <a href="/status.json">/status.json</a>, <a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a>.</p>
  </footer>
</main>
<script>
"use strict";
(() => {
  const PERIOD = 2000, PATIENCE = 5000, STALE = 6000;
  const byId = (id) => document.getElementById(id);

  // Whatever the daemon sends is data: it goes in by textContent, and a figure is a figure or nothing.
  const number = (value) => typeof value === "number" && Number.isFinite(value) ? value : null;
  const text = (value) => typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
  const list = (value) => Array.isArray(value) ? value.filter((item) => item !== null && typeof item === "object") : [];

  const make = (tag, className, content) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (content !== undefined) element.textContent = content;
    return element;
  };
  const write = (element, content) => { if (element.textContent !== content) element.textContent = content; };
  const dress = (element, className) => { if (element.className !== className) element.className = className; };

  // MARK: figures

  const figure = (value, digits) => Math.abs(value) >= 1e12 ? value.toExponential(1) : value.toLocaleString("en", { maximumFractionDigits: digits, useGrouping: true });
  const short = (value) => figure(value, value < 10 ? 1 : 0);
  const percent = (value) => `${short(value)} %`;
  const bytes = (value) => {
    const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let unit = 0;
    while (Math.abs(value) >= 1000 && unit < units.length - 1) { value /= 1024; unit += 1; }
    return `${figure(value, unit > 0 && value < 10 ? 1 : 0)} ${units[unit]}`;
  };
  const latency = (micros) => micros < 1000 ? `${figure(micros, 0)} µs`
    : micros < 1e6 ? `${figure(micros / 1000, micros < 1e4 ? 1 : 0)} ms` : `${figure(micros / 1e6, 1)} s`;
  const span = (seconds) => {
    seconds = Math.max(0, Math.floor(seconds));
    if (seconds < 60) return `${seconds} s`;
    const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
    if (minutes < 60) return `${minutes} min`;
    return hours < 24 ? `${hours} h ${minutes % 60} min` : `${days} d ${hours % 24} h`;
  };
  // Never 100 % where something was missed.
  const share = (part, whole) => {
    if (part >= whole) return "100 %";
    const value = Math.floor(part / whole * 10000) / 100;
    return `${value.toFixed(value >= 99 ? 2 : 1)} %`;
  };
  const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString("en-GB");

  // MARK: verdicts

  const OK = 0, WATCH = 1, BAD = 2;
  const styles = ["", "watch", "bad"];

  /** What the page shows of a tenant, computed once for each reading. */
  function judge(raw, now) {
    const tenant = {
      raw, name: text(raw.name), policy: text(raw.policy), state: text(raw.state) || "unknown", exit: text(raw.exit),
      age: number(raw.since) === null ? null : now - raw.since, cpu: number(raw.cpuPercent),
      throttled: number(raw.cpuThrottledPercent), memory: number(raw.memoryBytes), memoryMax: number(raw.memoryMax),
      pids: number(raw.pids), pidsMax: number(raw.pidsMax), oomKills: number(raw.oomKills) || 0,
      reads: null, writes: null, readBytes: null, writeBytes: null, attained: null, held: null, met: 0, windows: 0,
      worst: null, promises: 0, missed: 0, level: OK, reasons: [], devices: [],
    };
    const complain = (level, reason) => {
      tenant.level = Math.max(tenant.level, level);
      tenant.reasons.push({ level, reason });
    };
    const isAlive = tenant.state !== "ended";
    for (const io of list(raw.io)) {
      tenant.devices.push(text(io.device));
      for (const [key, source] of [["reads", "readOperations"], ["writes", "writeOperations"],
        ["readBytes", "readBytes"], ["writeBytes", "writeBytes"]]) {
        if (number(io[source]) !== null) tenant[key] = (tenant[key] || 0) + io[source];
      }
      const held = number(io.heldBack);
      if (held !== null) tenant.held = Math.max(tenant.held || 0, held);
      const attained = number(io.attained);
      if (attained !== null) {
        tenant.promises += 1;
        tenant.attained = tenant.attained === null ? attained : Math.min(tenant.attained, attained);
        if (isAlive && attained < 0.95) {
          tenant.missed += 1;
          complain(BAD, `gets ${share(attained, 1)} of its reservation on ${text(io.device)}`);
        }
      }
      for (const entry of list(io.latencies)) {
        const target = number(entry.targetMicroseconds), p99 = number(entry.p99Microseconds);
        if (target === null || target <= 0) continue;
        tenant.promises += 1;
        const met = number(entry.windowsMet) || 0, missed = number(entry.windowsMissed) || 0;
        if (met + missed > 0 && (tenant.windows === 0 || met / (met + missed) < tenant.met / tenant.windows)) {
          tenant.met = met;
          tenant.windows = met + missed;
        }
        const operation = text(entry.operation).replaceAll("_", " ");
        if (p99 !== null && number(entry.samples) !== 0) {
          const ratio = p99 / target;
          if (tenant.worst === null || ratio > tenant.worst.ratio) tenant.worst = { operation, p99, target, ratio };
          if (isAlive && ratio > 1) {
            tenant.missed += 1;
            complain(BAD, `${operation} p99 ${latency(p99)}, target ${latency(target)}`);
          }
        }
        if (isAlive && missed / Math.max(1, met + missed) > 0.01) {
          complain(WATCH, `${operation}: ${share(met, met + missed)} of the windows kept`);
        }
      }
    }
    if (tenant.oomKills > 0) complain(WATCH, tenant.oomKills === 1 ? "1 OOM kill" : `${figure(tenant.oomKills, 0)} OOM kills`);
    if (isAlive) {
      if (tenant.throttled !== null && tenant.throttled > 10) complain(WATCH, `CPU throttled ${percent(tenant.throttled)} of the time`);
      if (tenant.memoryMax && tenant.memory !== null && tenant.memory > tenant.memoryMax * 0.95) {
        complain(WATCH, `memory at ${share(tenant.memory, tenant.memoryMax)} of its maximum`);
      }
      if (number(raw.memoryPressurePercent) > 10) complain(WATCH, `waits for memory ${percent(raw.memoryPressurePercent)} of the time`);
    } else if (tenant.exit && tenant.exit !== "exited") {
      complain(WATCH, tenant.exit);
    }
    if (tenant.state === "backing-off") complain(WATCH, "waits to be started again");
    if (text(raw.health) === "unhealthy") complain(BAD, "unhealthy");
    tenant.reasons.sort((left, right) => right.level - left.level);
    tenant.haystack = [tenant.name, tenant.policy, tenant.state, tenant.exit, ...tenant.devices].join("\n").toLowerCase();
    return tenant;
  }

  /** One sentence: what is wrong, or what holds. */
  function sentence(tenant) {
    if (tenant.reasons.length) {
      const more = tenant.reasons.length - 1;
      return tenant.reasons[0].reason + (more > 0 ? `, and ${more} more` : "");
    }
    if (tenant.state !== "running") return tenant.exit || tenant.state;
    if (tenant.promises === 0) return "nothing promised";
    return tenant.promises === 1 ? "promise kept" : `${tenant.promises} promises kept`;
  }

  // MARK: columns

  const plain = (content, note) => ({ content, note });
  const blank = { content: "" };
  const rate = (operations, size) =>
    operations === null ? blank : plain(`${short(operations)}/s`, size === null ? "" : `${bytes(size)}/s`);
  const columns = [
    { key: "name", label: "Tenant", up: true, value: (t) => t.name },
    {
      key: "verdict", label: "Promises", value: (t) => t.level * 1000 + t.missed, title: "What is promised, and whether it holds now",
      cell: (t) => plain(sentence(t)),
    },
    {
      key: "latency", label: "p99 / target", number: true, title: "The latency that is closest to its target, or furthest above it",
      value: (t) => t.worst && t.worst.ratio,
      cell: (t) => t.worst ? {
        content: `${latency(t.worst.p99)} / ${latency(t.worst.target)}`, note: "", meter: t.worst.ratio,
        meterClass: t.worst.ratio > 1 ? "bad" : "", hint: t.worst.operation,
      } : blank,
    },
    {
      key: "kept", label: "Kept", number: true, optional: true, title: "The windows that kept the latency target which was missed most often",
      value: (t) => t.windows ? -t.met / t.windows : null,
      cell: (t) => t.windows ? plain(share(t.met, t.windows)) : blank,
    },
    {
      key: "attained", label: "Reserved", number: true, optional: true, title: "How much of its reservation the tenant gets of what it asks for",
      value: (t) => t.attained === null ? null : -t.attained,
      cell: (t) => t.attained === null ? blank : plain(share(Math.min(1, t.attained), 1)),
    },
    { key: "reads", label: "Reads", number: true, value: (t) => t.reads, cell: (t) => rate(t.reads, t.readBytes) },
    { key: "writes", label: "Writes", number: true, value: (t) => t.writes, cell: (t) => rate(t.writes, t.writeBytes) },
    {
      key: "held", label: "Held", number: true, optional: true, title: "How much of the time its IO is held back for others' promises",
      value: (t) => t.held, cell: (t) => t.held ? plain(percent(t.held * 100)) : blank,
    },
    {
      key: "cpu", label: "CPU", number: true, title: "100 % is one core", value: (t) => t.cpu,
      cell: (t) => t.cpu === null ? blank : {
        content: percent(t.cpu), style: t.throttled > 10 ? "watch" : "",
        hint: t.throttled ? `throttled ${percent(t.throttled)} of the time` : "",
      },
    },
    {
      key: "memory", label: "Memory", number: true, value: (t) => t.memory,
      cell: (t) => t.memory === null ? blank : {
        content: bytes(t.memory), note: t.memoryMax ? `of ${bytes(t.memoryMax)}` : "",
        meter: t.memoryMax ? t.memory / t.memoryMax : null,
        meterClass: t.memoryMax && t.memory > t.memoryMax * 0.95 ? "watch" : "",
      },
    },
    {
      key: "pids", label: "Pids", number: true, optional: true, value: (t) => t.pids,
      cell: (t) => t.pids === null ? blank : plain(figure(t.pids, 0), t.pidsMax ? `of ${figure(t.pidsMax, 0)}` : ""),
    },
    {
      key: "age", label: "Since", number: true, title: "How long ago the tenant came into its state", value: (t) => t.age,
      cell: (t) => t.age === null ? blank : { content: span(t.age).split(" ", 2).join(" "), hint: span(t.age) },
    },
  ];

  // MARK: what the reader has chosen; it stays in the address

  const choice = { sort: "verdict", up: false, filter: "", attention: false };
  const open = new Set();

  function readAddress() {
    const given = new URLSearchParams(location.hash.slice(1));
    const column = columns.find((candidate) => candidate.key === (given.get("sort") || "").replace(/^-/, ""));
    if (column) { choice.sort = column.key; choice.up = !given.get("sort").startsWith("-"); }
    choice.filter = given.get("filter") || "";
    choice.attention = given.has("attention");
  }
  function writeAddress() {
    const given = new URLSearchParams();
    if (choice.sort !== "verdict" || choice.up) given.set("sort", (choice.up ? "" : "-") + choice.sort);
    if (choice.filter) given.set("filter", choice.filter);
    if (choice.attention) given.set("attention", "1");
    history.replaceState(null, "", given.size ? `#${given}` : location.pathname);
  }

  function order(left, right) {
    const column = columns.find((candidate) => candidate.key === choice.sort);
    const [a, b] = [column.value(left), column.value(right)];
    // Those without a figure come last, whichever way.
    if (a === null || b === null) { if (a !== b) return a === null ? 1 : -1; }
    const difference = typeof a === "string" ? a.localeCompare(b, "en", { numeric: true }) : a - b;
    return (choice.up ? difference : -difference) || left.name.localeCompare(right.name, "en", { numeric: true });
  }

  // MARK: drawing

  let reading = null;
  const rows = new Map();

  function newRow(name) {
    const row = make("tr", "row");
    const cells = columns.map((column) => {
      const cell = make("td", `${column.key}${column.number ? " number" : ""}${column.optional ? " optional" : ""}`);
      if (column.key !== "name" && column.key !== "verdict") cell.dataset.label = column.label;
      row.append(cell);
      if (column.key === "name") return { cell };
      const parts = { cell, base: cell.className, content: make("span"), note: make("small"), meter: null };
      cell.append(parts.content, parts.note);
      return parts;
    });
    const button = make("button", "", name);
    button.type = "button";
    button.dir = "auto";
    button.title = name;
    button.addEventListener("click", () => {
      if (!open.delete(name)) open.add(name);
      draw();
    });
    cells[0].cell.append(button);
    const detail = make("tr", "detail");
    const inside = make("td");
    inside.colSpan = columns.length;
    detail.append(inside);
    return { row, cells, button, detail, inside };
  }

  function drawRow(entry, tenant) {
    dress(entry.row, `row${tenant.level ? ` is-${styles[tenant.level]}` : ""}${tenant.state === "ended" ? " is-over" : ""}`);
    columns.forEach((column, index) => {
      if (!column.cell) return;
      const parts = entry.cells[index], drawn = column.cell(tenant);
      const isGood = column.key === "verdict" && !tenant.level && tenant.state === "running" && tenant.promises > 0;
      dress(parts.cell, `${parts.base}${drawn.content ? "" : " blank"}`);
      dress(parts.content, column.key !== "verdict" ? drawn.style || "" : isGood ? "good" : styles[tenant.level] || "muted");
      write(parts.content, drawn.content ? (column.key !== "verdict" ? "" : isGood ? "✓ " : ["", "△ ", "✕ "][tenant.level]) + drawn.content : "");
      write(parts.note, drawn.note || "");
      const hint = column.key === "verdict" ? tenant.reasons.map((item) => item.reason).join("\n") : drawn.hint || "";
      if (parts.cell.title !== hint) parts.cell.title = hint;
      if (typeof drawn.meter === "number") {
        if (!parts.meter) {
          parts.meter = make("div", "meter");
          parts.meter.append(make("i"));
          parts.cell.append(parts.meter);
        }
        parts.meter.hidden = false;
        dress(parts.meter, `meter ${drawn.meterClass || ""}`);
        parts.meter.firstChild.style.setProperty("--v", drawn.meter.toFixed(3));
      } else if (parts.meter) {
        parts.meter.hidden = true;
      }
    });
    const isOpen = open.has(tenant.name);
    entry.button.setAttribute("aria-expanded", String(isOpen));
    entry.detail.hidden = !isOpen;
    if (isOpen) drawDetail(entry.inside, tenant);
  }

  function drawDetail(inside, tenant) {
    const raw = tenant.raw, content = document.createDocumentFragment();
    const table = () => { const element = make("dl"); content.append(element); return element; };
    const add = (to, name, value, style) => { if (value) to.append(make("dt", "", name), make("dd", style, value)); };
    const facts = table();
    for (const { level, reason } of tenant.reasons) add(facts, level === BAD ? "missed" : "watch", reason, styles[level]);
    add(facts, "policy", tenant.policy);
    const age = tenant.age === null ? "" : ` for ${span(tenant.age)}`;
    add(facts, "state", (tenant.exit ? `${tenant.state} (${tenant.exit})` : tenant.state) + age);
    add(facts, "health", text(raw.health));
    add(facts, "restarts", number(raw.restarts) ? figure(raw.restarts, 0) : "");
    add(facts, "CPU throttled", tenant.throttled === null ? "" : `${percent(tenant.throttled)} of the time`);
    const pressures = [["CPU", raw.cpuPressurePercent], ["memory", raw.memoryPressurePercent], ["IO", raw.ioPressurePercent]]
      .filter((item) => number(item[1]) !== null).map(([name, value]) => `${name} ${percent(value)}`);
    add(facts, "pressure", pressures.length ? `${pressures.join(", ")} of the time waiting` : "");
    if (number(raw.memoryMin) !== null) add(facts, "memory reserved", bytes(raw.memoryMin));
    if (tenant.pids !== null) add(facts, "pids", figure(tenant.pids, 0) + (tenant.pidsMax ? ` of ${figure(tenant.pidsMax, 0)}` : ""));
    for (const io of list(raw.io)) {
      content.append(make("h4", "", text(io.device)));
      const device = table();
      add(device, "scheduler", [text(io.state), text(io.reason)].filter(Boolean).join(": "));
      const promised = [["reservation", text(io.reservation)], ["limit", text(io.limit)], ["weight", text(io.weight)]]
        .filter((item) => item[1]).map(([name, value]) => `${name} ${value}`);
      add(device, "promised", promised.join(", "));
      const parts = [["used", io.used], ["granted", io.granted], ["reserved", io.reserved]]
        .filter((item) => number(item[1]) !== null).map(([name, value]) => `${percent(value * 100)} ${name}`);
      add(device, "of the disk", parts.join(", "));
      for (const entry of list(io.latencies)) {
        const target = number(entry.targetMicroseconds), p50 = number(entry.p50Microseconds), p99 = number(entry.p99Microseconds);
        const met = number(entry.windowsMet), missed = number(entry.windowsMissed);
        const line = [
          p50 === null ? "" : `p50 ${latency(p50)}`, p99 === null ? "" : `p99 ${latency(p99)}`,
          target === null ? "no target" : `target p${figure((number(entry.targetPercentile) || 0.99) * 100, 2)} ${latency(target)}`,
          met === null || missed === null ? "" : `${share(met, Math.max(1, met + missed))} of ${figure(met + missed, 0)} windows kept`,
          number(entry.samples) === null ? "" : `${figure(entry.samples, 0)} samples`,
        ];
        add(device, text(entry.operation).replaceAll("_", " "), line.filter(Boolean).join(" · "),
          target !== null && p99 !== null && p99 > target ? "bad" : "");
      }
    }
    inside.replaceChildren(content);
  }

  function drawRows(tenants) {
    const words = choice.filter.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = tenants.filter((tenant) =>
      (!choice.attention || tenant.level > OK) && words.every((word) => tenant.haystack.includes(word)));
    shown.sort(order);
    const names = new Set(tenants.map((tenant) => tenant.name));
    for (const name of rows.keys()) if (!names.has(name)) { rows.delete(name); open.delete(name); }
    const body = byId("rows"), wanted = [];
    for (const tenant of shown) {
      if (!rows.has(tenant.name)) rows.set(tenant.name, newRow(tenant.name));
      const entry = rows.get(tenant.name);
      drawRow(entry, tenant);
      wanted.push(entry.row, entry.detail);
    }
    // Only what has moved is moved, so that a selection and the focus stay.
    wanted.forEach((row, index) => { if (body.children[index] !== row) body.insertBefore(row, body.children[index] || null); });
    while (body.children.length > wanted.length) body.lastChild.remove();
    write(byId("shown"), shown.length === tenants.length ? "" : `${shown.length} of ${tenants.length}`);
    byId("empty").hidden = shown.length > 0;
    write(byId("empty"), tenants.length ? "No tenant is like that."
      : Array.isArray(reading.status.tenants) ? "No tenant runs here." : "The daemon tells nothing of its tenants.");
  }

  function drawFacts(status, tenants) {
    const running = tenants.filter((tenant) => tenant.state !== "ended");
    const promising = running.filter((tenant) => tenant.promises > 0);
    const missed = promising.filter((tenant) => tenant.level === BAD).length;
    const watched = tenants.filter((tenant) => tenant.level === WATCH).length;
    const facts = [
      ["tenants running", figure(running.filter((tenant) => tenant.state === "running").length, 0), "", "",
        tenants.length === running.length ? "" : `${tenants.length - running.length} ended`],
      ["with promises kept", promising.length ? `${promising.length - missed} of ${promising.length}` : "–",
        missed ? "bad" : promising.length ? "good" : "", "", missed ? `${missed} missed now` : ""],
      ["to watch", figure(watched, 0), watched ? "watch" : "", ""],
    ];
    const memory = status.memory && typeof status.memory === "object" ? status.memory : {};
    if (number(memory.sellableBytes)) {
      const reserved = number(memory.reservedBytes) || 0;
      facts.push([`memory reserved of ${bytes(memory.sellableBytes)}`, bytes(reserved), "", reserved / memory.sellableBytes]);
      if (number(memory.maximumBytes) !== null) {
        facts.push(["memory given as maxima", bytes(memory.maximumBytes), "", memory.maximumBytes / memory.sellableBytes]);
      }
    }
    const box = byId("facts");
    while (box.children.length > facts.length) box.lastChild.remove();
    facts.forEach(([label, value, style, meter, note], index) => {
      let fact = box.children[index];
      if (!fact) {
        fact = make("div", "fact");
        fact.append(make("b"), make("span", "muted"), make("div", "meter"));
        fact.lastChild.append(make("i"));
        box.append(fact);
      }
      const [main, caption, bar] = fact.children;
      write(main, value);
      dress(main, style);
      write(caption, note ? `${label} · ${note}` : label);
      bar.hidden = meter === "";
      if (meter !== "") bar.firstChild.style.setProperty("--v", Number(meter).toFixed(3));
    });
  }

  function drawDisks(disks) {
    byId("disk-section").hidden = disks.length === 0;
    const box = byId("disks");
    while (box.children.length > disks.length) box.lastChild.remove();
    disks.forEach((disk, index) => {
      let card = box.children[index];
      if (!card) {
        card = make("div", "disk");
        const head = make("h3");
        head.append(make("span"), make("span", "tag"));
        const bar = make("div", "share");
        bar.append(make("i", "used"), make("i", "mark"));
        card.append(head, bar, make("p"), make("p", "muted"), make("p", "watch"));
        box.append(card);
      }
      const [head, bar, figures, reason, warnings] = card.children;
      write(head.firstChild, text(disk.name));
      write(head.lastChild, text(disk.phase) || "unscheduled");
      const used = number(disk.used), reserved = number(disk.reserved), rateShare = number(disk.rate);
      bar.hidden = used === null;
      bar.firstChild.style.setProperty("--used", Math.max(0, Math.min(1, used || 0)).toFixed(3));
      bar.lastChild.hidden = reserved === null;
      bar.lastChild.style.setProperty("--at", Math.max(0, Math.min(1, reserved || 0)).toFixed(3));
      bar.title = "used; the mark shows what is reserved";
      const line = [
        used === null ? "" : `${percent(used * 100)} used`, reserved === null ? "" : `${percent(reserved * 100)} reserved`,
        rateShare === null ? "" : `let in at ${percent(rateShare * 100)}`,
        number(disk.inFlight) === null ? "" : `${figure(disk.inFlight, 0)} in flight`,
        number(disk.readOperations) === null ? "" : `reads ${short(disk.readOperations)}/s, ${bytes(number(disk.readBytes) || 0)}/s`,
        number(disk.writeOperations) === null ? "" : `writes ${short(disk.writeOperations)}/s, ${bytes(number(disk.writeBytes) || 0)}/s`,
      ];
      write(figures, line.filter(Boolean).join(" · "));
      write(reason, text(disk.reason));
      reason.hidden = !text(disk.reason);
      const said = Array.isArray(disk.warnings) ? disk.warnings.map(text).filter(Boolean) : [];
      write(warnings, said.map((warning) => `△ ${warning}`).join("\n"));
      warnings.hidden = said.length === 0;
    });
  }

  function drawHead() {
    for (const cell of byId("columns").children) {
      const sorting = cell.dataset.key !== choice.sort ? "none" : choice.up ? "ascending" : "descending";
      cell.setAttribute("aria-sort", sorting);
    }
    byId("order-by").value = choice.sort;
  }

  function draw() {
    if (!reading) return;
    const { status, tenants } = reading;
    byId("main").hidden = false;
    write(byId("host"), text(status.host));
    const about = [text(status.version), number(status.uptimeSeconds) === null ? "" : `up ${span(status.uptimeSeconds)}`];
    write(byId("about"), about.filter(Boolean).join(" · "));
    drawFacts(status, tenants);
    drawDisks(list(status.disks));
    drawHead();
    drawRows(tenants);
    const troubled = tenants.filter((tenant) => tenant.level === BAD).length;
    document.title = `${troubled ? `${troubled} missed · ` : ""}isolated ${text(status.host)}`;
  }

  // MARK: life

  let receivedAt = null, failure = "";

  function drawLife() {
    const age = receivedAt === null ? null : Date.now() - receivedAt;
    const isStale = receivedAt === null ? failure !== "" : age > STALE;
    document.body.classList.toggle("stale", isStale && receivedAt !== null);
    document.body.classList.toggle("alarmed", isStale);
    byId("alarm").hidden = !isStale;
    dress(byId("live"), isStale ? "bad" : receivedAt === null ? "muted" : "good");
    if (isStale) {
      const why = failure ? ` (${failure})` : "";
      write(byId("alarm"), receivedAt === null ? `The daemon doesn't answer${why}.`
        : `Stale: no reading for ${span(age / 1000)}${why}. What stands below is of ${new Date(receivedAt).toLocaleTimeString("en-GB")}.`);
      write(byId("live"), "not live");
      if (!document.title.startsWith("stale")) document.title = `stale · ${document.title}`;
    } else if (reading) {
      const time = number(reading.status.time);
      write(byId("live"), time === null ? "live" : `live · ${clock(time)}`);
      document.title = document.title.replace(/^stale · /, "");
    }
  }

  let timer = null, isLooking = false;

  async function look() {
    if (isLooking) return;
    isLooking = true;
    clearTimeout(timer);
    try {
      const answer = await fetch("/status.json", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
      if (answer.status === 401) throw new Error("the token isn't accepted any more: load the page again");
      if (!answer.ok) throw new Error(`the daemon says ${answer.status}`);
      const status = await answer.json();
      if (status === null || typeof status !== "object") throw new Error("the daemon sent something else");
      const now = number(status.time) === null ? Date.now() / 1000 : status.time;
      reading = { status, tenants: list(status.tenants).map((raw) => judge(raw, now)) };
      receivedAt = Date.now();
      failure = "";
      draw();
    } catch (error) {
      failure = error.name === "TimeoutError" ? "it takes too long" : error.name === "TypeError" ? "no connection" : error.message;
    }
    drawLife();
    isLooking = false;
    timer = setTimeout(look, PERIOD);
  }

  for (const column of columns) {
    const cell = make("th", `${column.number ? "number" : ""}${column.optional ? " optional" : ""}`.trim());
    cell.scope = "col";
    cell.dataset.key = column.key;
    if (column.title) cell.title = column.title;
    const button = make("button", "", column.label);
    button.type = "button";
    button.addEventListener("click", () => {
      choice.up = choice.sort === column.key ? !choice.up : Boolean(column.up);
      choice.sort = column.key;
      writeAddress();
      draw();
    });
    cell.append(button);
    byId("columns").append(cell);
    const option = make("option", "", column.label);
    option.value = column.key;
    byId("order-by").append(option);
  }
  byId("order-by").addEventListener("change", (event) => {
    choice.sort = event.target.value;
    choice.up = Boolean(columns.find((column) => column.key === choice.sort).up);
    writeAddress();
    draw();
  });
  byId("filter").addEventListener("input", (event) => { choice.filter = event.target.value; writeAddress(); draw(); });
  byId("attention").addEventListener("change", (event) => { choice.attention = event.target.checked; writeAddress(); draw(); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== byId("filter")) { event.preventDefault(); byId("filter").focus(); }
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) look();
  });
  readAddress();
  byId("filter").value = choice.filter;
  byId("attention").checked = choice.attention;
  setInterval(drawLife, 1000);
  look();
})();
</script>
</body>
</html>
"""##
}
