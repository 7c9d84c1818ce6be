import Faults

/// An upper bound, or the kernel's word `max` for none.
public enum Limit<Amount: KernelValue>: KernelValue {
  /// The bound.
  case at(Amount)
  /// No bound.
  case max

  /// Parses `max` or an amount.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
    let content = ByteScanner(bytes).trimmed
    self = content.equals("max") ? .max : .at(try Amount(parsing: content.rest))
  }

  /// The bound, `nil` where there is none.
  public var amount: Amount? {
    switch self {
    case .at(let amount): amount
    case .max: nil
    }
  }

  /// The amount's text, or `max`.
  public var kernelText: String { amount?.kernelText ?? "max" }
}

extension Limit: ExpressibleByIntegerLiteral where Amount: ExpressibleByIntegerLiteral {
  /// A bound written as a number.
  public init(integerLiteral value: Amount.IntegerLiteralType) {
    self = .at(Amount(integerLiteral: value))
  }
}

extension Limit: Comparable where Amount: Comparable {
  /// Orders bounds by their amounts; no bound is above all others.
  public static func < (left: Limit, right: Limit) -> Bool {
    switch (left.amount, right.amount) {
    case (let left?, let right?): left < right
    case (_?, nil): true
    case (nil, _): false
    }
  }
}
