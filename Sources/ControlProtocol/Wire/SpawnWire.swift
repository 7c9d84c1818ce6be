import Faults

// The one call whose latency is a promise, `isoctl run`, without a general JSON coder. The texts are the same as
// WireFormat's; tests hold the two against each other.

extension Spawn {
  /// Writes a call, with the NUL that ends its frame.
  public static func encodeCall(_ request: Request, more: Bool) -> [UInt8] {
    var writer = JSONWriter(capacity: 512 + (request.document?.utf8.count ?? 0))
    writer.object { call in
      call.name("method")
      call.string(qualifiedName)
      call.name("parameters")
      call.object { write(request, to: &$0) }
      if more {
        call.name("more")
        call.bool(true)
      }
    }
    return writer.bytes + [0]
  }

  /// Reads an answer.
  ///
  /// - Throws: the daemon's fault; `control.malformed-message`.
  public static func decodeAnswer(
    _ message: Message
  ) throws(Fault) -> ControlClient.Answer<Reply> {
    if case .object(let answer)? = JSONScanner.scan(message.bytes), answer["error"] == nil,
      case .object(let parameters)? = answer["parameters"], let reply = Reply(parameters)
    {
      return .init(
        reply: reply, continues: answer["continues"] == .bool(true), descriptors: message.descriptors)
    }
    return try ControlClient.decode(Reply.self, from: message)
  }

  private static func write(_ request: Request, to writer: inout JSONWriter) {
    writer.string("policy", request.policy)
    writer.string("document", request.document)
    writer.string("documentName", request.documentName)
    writer.string("name", request.name)
    if let command = request.command {
      writer.name("command")
      writer.array { for argument in command { $0.string(argument) } }
    }
    if let environment = request.environment {
      writer.name("environment")
      writer.object { writer in
        for (name, value) in environment { writer.string(name, value) }
      }
    }
    if let stdio = request.stdio {
      writer.name("stdio")
      writer.object { writer in
        writer.integer("stdin", stdio.stdin)
        writer.integer("stdout", stdio.stdout)
        writer.integer("stderr", stdio.stderr)
      }
    }
    writer.name("foreground")
    writer.bool(request.foreground)
    if let terminal = request.terminal {
      writer.name("terminal")
      writer.object { writer in
        writer.integer("rows", terminal.rows)
        writer.integer("columns", terminal.columns)
        writer.string("term", terminal.term)
      }
    }
  }
}

extension Spawn.Reply {
  fileprivate init?(_ members: JSONObject) {
    guard case .string(let name)? = members["name"], case .integer(let pid)? = members["pid"],
      case .array(let notEnforced)? = members["notEnforced"]
    else { return nil }
    self.init(name: name, pid: pid, notEnforced: [])
    for element in notEnforced {
      guard case .string(let text) = element else { return nil }
      self.notEnforced.append(text)
    }
    switch members["exit"] {
    case nil, .null: break
    case .object(let members):
      guard let exit = Exit(members) else { return nil }
      self.exit = exit
    default: return nil
    }
  }
}

extension Exit {
  fileprivate init?(_ members: JSONObject) {
    guard case .string(let cause)? = members["cause"], case .integer(let duration)? = members["durationUsec"]
    else { return nil }
    self.init(cause: Cause(rawValue: cause), durationUsec: duration)
    switch members["status"] {
    case nil, .null: break
    case .integer(let status): self.status = status
    default: return nil
    }
    switch members["signal"] {
    case nil, .null: break
    case .integer(let signal): self.signal = signal
    default: return nil
    }
  }
}
