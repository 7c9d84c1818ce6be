import Testing

@testable import Policy

@Suite struct SchemaTests {
  private func schema() throws -> JSONSchema {
    try JSONSchema(repositoryFile("policies/tenant-policy.schema.json"))
  }

  private func value(_ text: String) throws -> JSONValue {
    JSONValue(try DocumentReader.read(DocumentText(text.utf8, file: "p.yaml", domain: "policy")))
  }

  @Test func theSchemaAndTheDecoderKnowTheSameKeys() throws {
    let published = try schema().keys()
    let known = PolicyDocument.keys.keys.mapValues { $0.sorted() }
    #expect(Set(published.keys) == Set(known.keys))
    for (path, keys) in known { #expect(published[path] == keys, "\(path)") }
  }

  @Test func theTestedPoliciesGiveEveryKeyOfTheTable() throws {
    let disk = """
      io: [{device: /a, latency: {read: {p99: 1ms}, write: {p99: 1ms}, sync_write: {p99: 1ms}}, class: idle,
        reservation: {iops: 1, bandwidth: 1MiB/s, read: {iops: 1, bandwidth: 1MiB/s},
          write: {iops: 1, bandwidth: 1MiB/s}},
        limit: {read: {bandwidth: 1MiB/s}, write: {iops: 1}}}]
      """
    var given: [String: Set<String>] = [:]
    // Only one check at a time is a policy; together they show that none is missing.
    let checks = "health: {tcp: 5432, command: [/bin/true]}"
    for text in [fullPolicy, disk, checks] { collect(try value(text), at: "", into: &given) }
    for (path, keys) in PolicyDocument.keys.keys where !path.hasPrefix("rlimits.") {
      #expect(given[path] == Set(keys), "\(path)")
    }
    #expect(faults(fullPolicy).isEmpty)
    #expect(faults(minimal(disk)).isEmpty)
  }

  @Test func theReferenceNamesEveryKey() throws {
    let reference = try repositoryFile("docs/policy.md")
    let words = Set(reference.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
    for (path, keys) in PolicyDocument.keys.keys {
      for key in keys { #expect(words.contains(key), "\(path).\(key)") }
    }
    for problem in DocumentProblem.allCases { #expect(reference.contains("`\(problem.rawValue)`")) }
  }

  private func collect(_ value: JSONValue, at path: String, into table: inout [String: Set<String>]) {
    for item in value.array { collect(item, at: path + "[]", into: &table) }
    guard case .object(let members) = value else { return }
    table[path, default: []].formUnion(members.keys)
    for (key, member) in members { collect(member, at: path.isEmpty ? key : "\(path).\(key)", into: &table) }
  }

  @Test func whatTheDecoderTakesTheSchemaTakes() throws {
    let schema = try schema()
    for text in [
      fullPolicy, minimal(), minimal("health: {http: {port: 80, status: 204}}"),
      minimal("health: {command: [curl, \"-fs\"], timeout: 1s}"),
      minimal("health: {tcp: 65535, timeout: 10ms}", "after: [database]"),
      minimal("seccomp: default", "cpu: {max: 150%, cpus: 0}", "pids: {max: max}"),
    ] {
      #expect(faults(text).isEmpty)
      #expect(try schema.violations(value(text)) == [])
    }
  }

  @Test(arguments: [
    "user: -1", "user: \"0\"", "umask: \"9\"", "cpu: {max: 150}", "cpu: {weight: 0}", "memroy: 1",
    "pids: {max: 1}",
    "network: {mode: bridge}", "root: {writable: [/a/../b]}", "root: {writable: [/a/]}", "root: {base: srv}",
    "capabilities: [CAP_NET_BIND]", "capabilities: [CAP_CHOWN, CAP_CHOWN]",
    "sysctls: {kernel.core_pattern: x}",
    "environment: {PORT: 8080}", "description: 5", "rlimits: {as: 1024}", "rlimits: {nofile: {soft: 1}}",
    "io: [{device: /a}]", "io: [{device: /a, limit: {iops: 0}}]", "stop: {grace: 10}", "hostname: a_b",
    "devices: [{path: /etc/passwd}]", "seccomp: unconfined", "logs: {rate: 1MiB}", "restart: {on: sometimes}",
    "command: []", "enforcement: lax", "allow: {command_override: 1}", "namespaces: {time: {monotonic: 1}}",
    "groups: a", "cpu: {uclamp: {min: 5}}", "root: {tmpfs: [{path: /run}]}", "cpu: {idle: \"true\"}",
    "health: {command: []}", "health: {command: /bin/true}", "health: {command: [5]}", "health: {interval: 5s}",
    "health: {command: [/bin/true], tcp: 80}", "health: {tcp: 80, http: {port: 80}}",
    "health: {command: [/bin/true], tcp: 80, http: {port: 80}}",
    "health: {tcp: 0}", "health: {tcp: 65536}", "health: {http: {path: /}}",
    "health: {http: {port: 80, path: health}}", "health: {http: {port: 80, path: \"/a b\"}}",
    "health: {http: {port: 80, status: 99}}", "health: {http: {port: 80, status: \"200-299\"}}",
    "health: {tcp: 80, retries: 0}", "health: {tcp: 80, action: kill}", "after: [Web]", "after: [a, a]",
    "restart: {reset_after: 60}",
  ])
  func whatTheSchemaRefusesTheDecoderRefuses(line: String) throws {
    let text = minimal(line).replacing(
      "command: [/bin/true]\n", with: line.hasPrefix("command") ? "" : "command: [a]\n")
    #expect(!faults(text).isEmpty)
    #expect(try !schema().violations(value(text)).isEmpty)
  }
}
