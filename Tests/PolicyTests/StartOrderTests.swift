import Testing

@testable import Policy

@Suite struct StartOrderTests {
  private func policy(_ name: String, after: String = "") throws -> TenantPolicy {
    try PolicyDocument.parse(
      text: "tenant: \(name)\ncommand: [/bin/true]\nmemory: {max: 64MiB}\n"
        + (after.isEmpty ? "" : "after: [\(after)]\n"), file: "\(name).yaml")
  }

  private func name(_ text: String) throws -> TenantName { try #require(TenantName(text)) }

  @Test func anOrderThatHoldsHasNoFault() throws {
    let policies = [
      try policy("web", after: "database, cache"), try policy("cache", after: "database"), try policy("database"),
    ]
    #expect(StartOrder.faults(of: policies).isEmpty)
    #expect(StartOrder.circular(policies).isEmpty)
  }

  @Test func aNameThatNobodyHasIsToldWhereItStands() throws {
    let policies = [try policy("web", after: "databse, cache"), try policy("cache")]
    let faults = StartOrder.faults(of: policies)
    #expect(
      faults.map(\.description) == [
        "web.yaml:4:9: web comes after databse, and there is no such tenant; mend the name, or install that tenant's "
          + "policy beside this one"
      ])
    #expect(StartOrder.circular(policies).isEmpty)
    #expect(try StartOrder.faults(of: policies, known: [name("databse")]).isEmpty)
  }

  @Test func eachCircleIsToldOnceWithItsMembers() throws {
    let policies = [
      try policy("a", after: "b"), try policy("b", after: "c, d"), try policy("c", after: "a"), try policy("d"),
      try policy("e", after: "a"), try policy("sun", after: "moon"), try policy("moon", after: "sun"),
    ]
    let faults = StartOrder.faults(of: policies)
    #expect(faults.map(\.code) == [.startCycle, .startCycle])
    #expect(faults.first?.message.hasSuffix(": a after b after c after a") == true)
    #expect(faults.first?.position?.file == "a.yaml" && faults.first?.position?.line == 4)
    #expect(faults.last?.message.hasSuffix(": sun after moon after sun") == true)
    #expect(StartOrder.circular(policies) == Set(try ["a", "b", "c", "sun", "moon"].map { try name($0) }))
  }

  @Test func whoLeadsIntoACircleHasItsOwnToldToo() throws {
    let policies = [
      try policy("a", after: "b, d"), try policy("b", after: "c"), try policy("c", after: "b"),
      try policy("d", after: "a"),
    ]
    let ends = StartOrder.faults(of: policies).map { String($0.message.suffix(19)) }
    #expect(ends == [": a after d after a", ": b after c after b"])
    #expect(StartOrder.circular(policies) == Set(try ["a", "b", "c", "d"].map { try name($0) }))
  }

  @Test func whoLiesBetweenTwoCirclesIsInNone() throws {
    let policies = [
      try policy("a", after: "b"), try policy("b", after: "a, bridge"), try policy("bridge", after: "c"),
      try policy("c", after: "d"), try policy("d", after: "c"),
    ]
    #expect(StartOrder.faults(of: policies).count == 2)
    #expect(StartOrder.circular(policies) == Set(try ["a", "b", "c", "d"].map { try name($0) }))
  }

  @Test func circlesThatShareATenantAreToldTogether() throws {
    let policies = [
      try policy("a", after: "b, c"), try policy("b", after: "a"), try policy("c", after: "a"),
      try policy("d", after: "a"),
    ]
    let faults = StartOrder.faults(of: policies)
    #expect(faults.count == 1)
    #expect(faults.first?.message.hasSuffix(": a after b after a; in further circles with them: c") == true)
    #expect(StartOrder.circular(policies) == Set(try ["a", "b", "c"].map { try name($0) }))
  }

  @Test func aLongChainIsNoCircleAndOverflowsNothing() throws {
    let policies = try (0..<500).map { try policy("t\($0)", after: $0 < 499 ? "t\($0 + 1)" : "") }
    #expect(StartOrder.faults(of: policies).isEmpty && StartOrder.circular(policies).isEmpty)
  }

  @Test func dependantsEndBeforeThoseThatTheyComeAfter() {
    let after = [
      "web": ["database", "cache"], "cache": ["database"], "proxy": ["web"], "other": ["elsewhere"],
      "cron": ["database"],
    ]
    #expect(StartOrder.dependants(of: "database", after: after) == [["cron", "proxy"], ["web"], ["cache"]])
    #expect(StartOrder.dependants(of: "web", after: after) == [["proxy"]])
    #expect(StartOrder.dependants(of: "proxy", after: after).isEmpty)
  }

  @Test func circlesAmongTenantsThatRunEndTogether() {
    let after = ["a": ["b"], "b": ["a", "c"], "d": ["a"]]
    #expect(StartOrder.dependants(of: "c", after: after) == [["d"], ["a", "b"]])
    #expect(StartOrder.dependants(of: "a", after: after) == [["b", "d"]])
  }

  /// Whatever the order says: everybody who comes after somebody of it is named once, and never after whom it follows.
  @Test(arguments: 0..<50)
  func everyDependantIsNamedOnceAndInOrder(seed: Int) {
    var number = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 | 1
    func random(_ bound: Int) -> Int {
      number = number &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((number >> 33) % UInt64(bound))
    }
    var after: [String: [String]] = [:]
    for index in 1..<30 { after["t\(index)"] = (0..<random(3)).map { _ in "t\(random(index))" } }
    let steps = StartOrder.dependants(of: "t0", after: after)
    let order = steps.flatMap { $0 } + ["t0"]
    #expect(Set(order).count == order.count)
    for (position, name) in order.enumerated() {
      for predecessor in after[name] ?? [] {
        if let other = order.firstIndex(of: predecessor) { #expect(other > position, "\(name) after \(predecessor)") }
      }
    }
    for (name, names) in after where names.contains(where: { order.contains($0) }) { #expect(order.contains(name)) }
  }
}
