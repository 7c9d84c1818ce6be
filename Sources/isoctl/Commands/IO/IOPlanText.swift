import Faults
import IOPlanning
import IOQoS

/// One disk of a plan for people.
struct IOPlanText {
  private let disk: IOPlan.Disk

  init(_ disk: IOPlan.Disk) { self.disk = disk }

  func lines(_ terminal: Terminal) -> [String] {
    func fit(_ text: String) -> [String] { wrapped(text, to: terminal.width, indent: 2) }
    let facts = disk.facts
    var lines = fit("\(facts.name) (\(facts.model ?? facts.kind.label), \(Figures.bytes(facts.size)))")
    lines += promises().lines(terminal)
    if let verdict = disk.verdict, disk.model != nil, verdict.capacity > 0 {
      lines += fit(
        "reserved, with the host's own share: \(Wording.deviceTime(verdict.reserved)), of "
          + "\(Wording.deviceTime(verdict.capacity)) that can be promised at these targets")
      let offers = verdict.offers.filter { $0.deviceTime > 0 }
      if disk.faults.isEmpty, !offers.isEmpty {
        lines += fit("left for one more, as reads of 4 KiB a second or as bandwidth:")
        lines += Self.table(offers).lines(terminal)
      }
    }
    lines += disk.warnings.flatMap { fit("warning: \($0)") }
    if disk.faults.isEmpty { return lines + ["it fits"] }
    lines.append("it doesn't fit:")
    for fault in disk.faults {
      var headline = fault
      headline.mend = nil
      lines += fit("  \(headline.description)")
      if let mend = fault.mend { lines += fit("    mend: \(mend)") }
    }
    return lines
  }

  private func promises() -> Table {
    var table = Table([
      .init(title: "TENANT", shrinksTo: 8), .init(title: "RESERVED"), .init(title: "LIMIT", leavesAt: 1),
      .init(title: "WEIGHT", alignment: .right, leavesAt: 0), .init(title: "LATENCY"),
      .init(title: "NEEDS", alignment: .right, leavesAt: 2),
    ])
    for promise in disk.promises {
      func rates(_ rates: PromisedRates) -> String { rates.isEmpty ? "-" : Wording.rates(rates) }
      let targets = promise.targets.map(Wording.target).joined(separator: ", ")
      let needs = disk.model.map { model in
        "\(Wording.number(promise.reservedTime(by: model.cost) / CostModel.wholeDevice * 100)) %"
      }
      table.add([
        promise.tenant, rates(promise.reservation), rates(promise.limit), String(promise.weight),
        targets.isEmpty ? "-" : targets, needs ?? "?",
      ])
    }
    return table
  }

  private static func table(_ offers: [AdmissionVerdict.Offer]) -> Table {
    var table = Table([
      .init(title: "  READS' P99"), .init(title: "IOPS", alignment: .right), .init(title: "OR", alignment: .right),
    ])
    for offer in offers {
      table.add([
        "  " + (offer.p99.map(Wording.time) ?? "any"), Wording.number(offer.operations.rounded(.down)),
        "\(Figures.bytes(Int(min(offer.bytes, 1e18))))/s",
      ])
    }
    return table
  }
}
