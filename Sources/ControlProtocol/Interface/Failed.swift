import Faults

/// A ``Fault`` as it travels: the parameters of the error `io.isolated.Failed`.
public struct Failed: Codable, Sendable, Hashable {
  /// The error's name in a reply.
  public static let qualifiedName = "\(ControlInterface.name).Failed"

  /// ``Fault/code``.
  public var code: String
  /// ``Fault/message``.
  public var message: String
  /// ``Fault/systemCall``.
  public var systemCall: String?
  /// ``Fault/path``.
  public var path: String?
  /// ``Fault/errno``'s number.
  public var errno: Int?
  /// ``Fault/errno``'s name, for clients that don't know Linux's numbers.
  public var errnoName: String?
  /// ``Fault/mend``.
  public var mend: String?
  /// The file of ``Fault/position``.
  public var file: String?
  /// The line of ``Fault/position``, counted from 1.
  public var line: Int?
  /// The column of ``Fault/position``, counted from 1.
  public var column: Int?
  /// ``Fault/others``, none of which has others itself.
  public var others: [Failed]?

  /// Puts a fault on the wire.
  public init(_ fault: Fault) {
    code = fault.code.rawValue
    message = fault.message
    systemCall = fault.systemCall
    path = fault.path
    errno = fault.errno.map { Int($0.number) }
    errnoName = fault.errno?.name
    mend = fault.mend
    file = fault.position?.file
    line = fault.position?.line
    column = fault.position?.column
    others = fault.others.isEmpty ? nil : fault.others.map(Failed.init)
  }

  /// The fault that the sender meant.
  public var fault: Fault {
    var position: Fault.Position?
    if let file, let line, let column { position = .init(file: file, line: line, column: column) }
    var fault = Fault(
      Fault.Code(rawValue: code), message, systemCall: systemCall, path: path,
      errno: errno.flatMap { Int32(exactly: $0) }.map { ErrorNumber($0) }, position: position, mend: mend)
    fault.others = (others ?? []).map(\.fault)
    return fault
  }
}
