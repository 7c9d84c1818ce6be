import ControlProtocol
import Faults

/// Feeds bytes to the decoders that face clients, and stops the process when one breaks a promise.
///
/// The first byte says in which pieces the rest arrives.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let bytes, count > 0 else { return 0 }
  let input = UnsafeRawBufferPointer(start: bytes, count: count)
  let stream = UnsafeRawBufferPointer(rebasing: input.dropFirst())
  let frames = framesOf(stream, pieces: Int(input[0]) + 1)
  checkFrames(frames, of: stream)
  for frame in frames { decodeEverything(frame) }
  // JSON has no NUL, so the whole is worth a look as one text as well.
  decodeEverything(Array(stream))
  return 0
}

private let limit = 4096

private func framesOf(_ stream: UnsafeRawBufferPointer, pieces size: Int) -> [[UInt8]] {
  var decoder = MessageDecoder(frameLimit: limit)
  var frames: [[UInt8]] = []
  var rest = stream[...]
  while !rest.isEmpty {
    do throws(Fault) {
      try decoder.append(UnsafeRawBufferPointer(rebasing: rest.prefix(size)))
    } catch {
      precondition(error.code == .frameTooLarge, "an unexpected refusal")
      return frames
    }
    rest = rest.dropFirst(size)
    // Not always at once, as a server that is busy doesn't.
    while decoder.hasMessage, rest.isEmpty || rest.count % 3 != 0, let message = decoder.next() {
      frames.append(message.bytes)
    }
  }
  precondition(!decoder.hasMessage && decoder.bufferedCount <= limit, "something was left behind")
  return frames
}

/// The frames are what stands before each NUL, as far as the decoder went.
private func checkFrames(_ frames: [[UInt8]], of stream: UnsafeRawBufferPointer) {
  let expected = stream.split(separator: 0, omittingEmptySubsequences: false).dropLast()
  precondition(frames.count <= expected.count, "a frame from nowhere")
  for (frame, part) in zip(frames, expected) {
    precondition(frame.count <= limit && frame.elementsEqual(part), "a frame isn't what was sent")
  }
}

private func decodeEverything(_ text: [UInt8]) {
  do throws(Fault) {
    let envelope = try WireFormat.decodeCall(text)
    _ = envelope.interfaceAndName
  } catch {
    precondition(error.code == .malformedMessage, "an unexpected refusal")
  }
  decodeRequest(Spawn.Request.self, text)
  decodeRequest(Kill.Request.self, text)
  decodeRequest(Stop.Request.self, text)
  decodeRequest(TenantName.self, text)
  decodeRequest(NoParameters.self, text)
  do throws(Fault) { _ = try WireFormat.decodeParameters(Inspect.Reply.self, from: text) } catch {}
  do throws(Fault) { _ = try WireFormat.decodeParameters(Failed.self, from: text).fault } catch {}
  compareAnswers(text)
}

/// What decodes must come out the same once it has been written and read again.
private func decodeRequest<Request: ControlRequest>(_ type: Request.Type, _ text: [UInt8]) {
  let request: Request
  do throws(StandardError) { request = try WireFormat.decodeRequest(type, from: text) } catch { return }
  do {
    let again = try WireFormat.encodeCall(CallEnvelope(method: "a.B"), parameters: request).dropLast()
    let reread = try WireFormat.decodeRequest(type, from: Array(again))
    precondition(reread == request, "a request changed")
    guard let spawn = request as? Spawn.Request else { return }
    let quick = Array(Spawn.encodeCall(spawn, more: true).dropLast())
    let respawn = try WireFormat.decodeRequest(Spawn.Request.self, from: quick)
    precondition(respawn == spawn, "a spawn changed")
  } catch {
    preconditionFailure("what was read can't be written: \(error)")
  }
}

/// Where the quick reader of answers takes a text, the general one must take it too, and mean the same.
private func compareAnswers(_ text: [UInt8]) {
  let quick: ControlClient.Answer<Spawn.Reply>
  do throws(Fault) { quick = try Spawn.decodeAnswer(Message(bytes: text)) } catch { return }
  do throws(Fault) {
    let general = try WireFormat.decodeParameters(Spawn.Reply.self, from: text)
    let continues = try WireFormat.decodeReply(text).continues ?? false
    precondition(quick.reply == general && quick.continues == continues, "the readers differ")
  } catch {
    preconditionFailure("only the quick reader takes it")
  }
}
