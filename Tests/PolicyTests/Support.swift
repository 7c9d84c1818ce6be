import Faults
import Testing

@testable import Policy

/// A policy that parses, followed by `lines`.
func minimal(_ lines: String...) -> String {
  (["tenant: web", "command: [/bin/true]", "memory: {max: 64MiB}"] + lines).joined(separator: "\n") + "\n"
}

/// The policy in `text`.
func parsed(_ text: String, _ location: SourceLocation = #_sourceLocation) throws -> TenantPolicy {
  do {
    return try PolicyDocument.parse(text: text, file: "p.yaml")
  } catch {
    Issue.record("\(error)", sourceLocation: location)
    throw error
  }
}

/// Every fault of `text`, one line each, as a person reads them; empty where it parses.
func refusals(_ text: String) -> [String] {
  faults(text).map(\.description)
}

/// Every fault of `text`.
func faults(_ text: String) -> [Fault] {
  do {
    _ = try PolicyDocument.parse(text: text, file: "p.yaml")
    return []
  } catch {
    return error.faults
  }
}

/// `code line:column` of every fault.
func places(_ text: String) -> [String] {
  faults(text).map { fault in
    "\(fault.code.rawValue) \(fault.position?.line ?? 0):\(fault.position?.column ?? 0)"
  }
}
