import Faults

/// Turns the system calls of a run, one by one, into a ``ProgramUse``.
///
/// It is told of each call twice, before and after. What a call names by address is read before, since the memory may
/// be another afterwards; whether it counts is decided by the result.
public struct UseRecorder {
  /// A call that hasn't ended yet.
  public struct PendingCall {
    fileprivate var name: String
    fileprivate var arguments: [UInt64]
    fileprivate var paths: [(path: String, use: FileUse)] = []
    fileprivate var address: SocketAddress?
    fileprivate var identities = ObservedIdentities()
  }

  /// What has been seen so far.
  public private(set) var use = ProgramUse()

  private let names: [String?]
  private let held: Set<String>
  private let isAllowed: (UInt64, [UInt64]) -> Bool
  /// By what /proc calls a socket: its type, as socket(2) takes it.
  private var socketTypes: [String: UInt64] = [:]
  private var boundEndpoints: [String: NetworkEndpoint] = [:]

  /// Starts with nothing.
  ///
  /// - Parameters:
  ///   - names: system calls' names by number.
  ///   - heldCapabilities: what the program holds in the run.
  ///   - isAllowed: whether the run's filter lets a call with these arguments through.
  public init(
    names: [String?], heldCapabilities: Set<String> = [], isAllowed: @escaping (UInt64, [UInt64]) -> Bool
  ) {
    self.names = names
    held = heldCapabilities
    self.isAllowed = isAllowed
  }

  /// A process is about to make a call. Answers nil if its end won't say anything more.
  public mutating func begin(
    number: UInt64, arguments: [UInt64], in process: some ObservedProcess
  ) -> PendingCall? {
    guard arguments.count == 6, number < UInt64(names.count), let name = names[Int(number)] else {
      if use.namelessCalls.count < 1024 { use.namelessCalls.insert(number) }
      return nil
    }
    let allowed = isAllowed(number, arguments)
    use.calls[name, default: CallUse()].count += 1
    guard allowed else {
      use.calls[name, default: CallUse()].refused += 1
      return nil
    }
    var call = PendingCall(name: name, arguments: arguments)
    for argument in PathArguments.table[name] ?? [] {
      if let path = path(argument, arguments, process) { call.paths.append((path, useOf(argument, call, process))) }
    }
    if let use = PathArguments.descriptors[name],
      let path = process.descriptor(Self.descriptor(arguments[0])), Self.isFile(path)
    {
      call.paths.append((path, use))
    }
    call.address = address(name, arguments, process)
    if !held.isEmpty, CapabilityRules.callsOnIdentities.contains(name) { call.identities = process.identities() }
    return call
  }

  /// The call has ended with a result: negative for an error, as the kernel has it.
  public mutating func end(_ call: PendingCall, result: Int64, in process: some ObservedProcess) {
    if let error = Self.error(result) {
      fail(call, error)
    } else {
      succeed(call, result, process)
    }
    if let address = call.address { record(address, of: call, result, process) }
  }

  /// A program has been executed, and these files are mapped into it.
  public mutating func executed(mapping files: [String]) {
    for file in files where Self.isFile(file) { use.record(file, [.read, .execute]) }
  }

  /// So many processes and threads are there at once.
  public mutating func counted(tasks: Int) { use.peakTasks = max(use.peakTasks, tasks) }

  /// What the group held at most, in bytes.
  public mutating func measured(memory: UInt64) { use.peakMemory = max(use.peakMemory ?? 0, memory) }

  // MARK: Paths

  private mutating func path(
    _ argument: PathArgument, _ arguments: [UInt64], _ process: some ObservedProcess
  ) -> String? {
    // Some calls take no path for "the descriptor itself", and others an empty one.
    guard arguments[argument.path] != 0 else { return nil }
    guard let bytes = process.text(at: arguments[argument.path]) else {
      use.unnameablePaths += 1
      return nil
    }
    guard !bytes.isEmpty else { return nil }
    var start: String?
    if bytes.first != UInt8(ascii: "/") {
      let directory = argument.directory.map { Self.descriptor(arguments[$0]) } ?? Self.workingDirectory
      start = directory == Self.workingDirectory ? process.workingDirectory() : process.descriptor(directory)
    }
    guard let path = PathText.normalised(bytes, from: start) else {
      use.unnameablePaths += 1
      return nil
    }
    return path
  }

  private func useOf(
    _ argument: PathArgument, _ call: PendingCall, _ process: some ObservedProcess
  ) -> FileUse {
    guard let index = PathArguments.opening[call.name] else { return argument.use }
    guard call.name == "openat2" else { return PathArguments.use(openFlags: call.arguments[index]) }
    // struct open_how begins with the flags, 64 bits wide.
    let bytes = process.bytes(at: call.arguments[index], count: 8)
    guard bytes.count == 8 else { return .read }
    return PathArguments.use(openFlags: bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) })
  }

  private mutating func succeed(_ call: PendingCall, _ result: Int64, _ process: some ObservedProcess) {
    for (path, use) in call.paths { self.use.record(path, use) }
    if PathArguments.makingDirectories.contains(call.name), let made = call.paths.first?.path,
      use.madeDirectories.count < ProgramUse.mostPaths
    {
      use.madeDirectories.insert(made)
    }
    if call.name == "socket", let number = Int32(exactly: result), let socket = process.descriptor(number) {
      // SOCK_NONBLOCK and SOCK_CLOEXEC share the argument.
      socketTypes[socket] = call.arguments[1] & 0xF
    }
    if call.name == "listen", let socket = process.descriptor(Self.descriptor(call.arguments[0])),
      let endpoint = boundEndpoints[socket]
    {
      use.listens.insert(endpoint)
    }
    if !held.isEmpty,
      let capability = CapabilityRules.use(
        of: call.name, call.arguments, call.address, before: call.identities), held.contains(capability)
    {
      use.usedCapabilities.insert(capability)
    }
  }

  private mutating func fail(_ call: PendingCall, _ error: ErrorNumber) {
    for (path, _) in call.paths {
      switch error.name {
      case "EACCES", "EPERM", "EROFS":
        if use.refusedPaths.count < 1024 { use.refusedPaths[path] = error.name }
      case "ENOENT" where PathText.isInside(path, "/dev") && PathArguments.opening[call.name] != nil:
        if use.missingDevices.count < 1024 { use.missingDevices.insert(path) }
      default: break
      }
    }
    if let refusal = CapabilityRules.refusal(of: call.name, call.arguments, call.address, error),
      use.refusals.count < 1024
    {
      use.refusals.insert(refusal)
    }
  }

  // MARK: Sockets

  private func address(
    _ name: String, _ arguments: [UInt64], _ process: some ObservedProcess
  ) -> SocketAddress? {
    var place: (address: UInt64, length: UInt64)
    switch name {
    case "bind", "connect": place = (arguments[1], arguments[2] & 0xFFFF_FFFF)
    case "sendto": place = (arguments[4], arguments[5] & 0xFFFF_FFFF)
    case "sendmsg":
      // struct msghdr begins with the name's address and its length.
      let header = process.bytes(at: arguments[1], count: 12)
      guard header.count == 12 else { return nil }
      place = (Self.number(header[..<8]), Self.number(header[8...]))
    default: return nil
    }
    guard place.address != 0, place.length > 0 else { return nil }
    return SocketAddress(
      process.bytes(at: place.address, count: Int(min(place.length, UInt64(SocketAddress.mostBytes)))))
  }

  private mutating func record(
    _ address: SocketAddress, of call: PendingCall, _ result: Int64, _ process: some ObservedProcess
  ) {
    let failed = Self.error(result) != nil
    switch address {
    case .network(let text, let port, let isLoopback):
      guard port != 0 else { return }
      let socket = process.descriptor(Self.descriptor(call.arguments[0])) ?? ""
      let type = socketTypes[socket]
      let endpoint = NetworkEndpoint(
        transport: type == 1 ? "tcp" : type == 2 ? "udp" : "other", address: text, port: port,
        isLoopback: isLoopback)
      guard call.name == "bind" else {
        // An attempt counts: that nobody answered now doesn't mean that nobody will.
        if use.connects.count < 1024 { use.connects.insert(endpoint) }
        return
      }
      guard !failed, boundEndpoints.count < ProgramUse.mostPaths else { return }
      boundEndpoints[socket] = endpoint
      if type == 2 { use.listens.insert(endpoint) }
    case .path(let bytes):
      guard !failed, let path = PathText.normalised(bytes, from: process.workingDirectory()) else { return }
      if call.name == "bind" {
        use.record(path, .change)
        use.boundSockets.insert(path)
      } else {
        use.record(path, .connect)
      }
    case .abstract(let bytes):
      guard use.abstractSockets.count < 1024 else { return }
      use.abstractSockets.insert("@" + String(decoding: bytes.prefix { $0 >= 32 && $0 < 127 }, as: UTF8.self))
    case .other: break
    }
  }

  // MARK: Numbers

  /// AT_FDCWD.
  private static let workingDirectory: Int32 = -100

  /// A descriptor is an int: the upper half of its register means nothing.
  private static func descriptor(_ argument: UInt64) -> Int32 { Int32(truncatingIfNeeded: argument) }

  private static func isFile(_ path: String) -> Bool {
    path.hasPrefix("/") && !path.hasPrefix("/memfd:") && !path.hasSuffix(" (deleted)")
  }

  /// The kernel's own range of errors; restarts of interrupted calls (512 and up) are none.
  private static func error(_ result: Int64) -> ErrorNumber? {
    (-4095 ... -1).contains(result) ? ErrorNumber(Int32(-result)) : nil
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
