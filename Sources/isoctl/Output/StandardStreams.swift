import ControlProtocol
import Faults
import Glibc

/// Writes text to a descriptor, all of it. A reader that is gone ends the process by SIGPIPE, as is the custom.
func write(_ text: String, to descriptor: Int32) { write(Array(text.utf8)[...], to: descriptor) }

/// Writes bytes to a descriptor, all of them.
func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) {
  var rest = bytes
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    if count < 0 {
      if errno == EINTR { continue }
      if errno == EAGAIN {
        var watched = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&watched, 1, -1)
        continue
      }
      // Output that can't be written must not pass for success.
      exitProcess(ExitStatus.failure)
    }
    rest = rest.dropFirst(count)
  }
}

/// Prints a line to standard output.
func printToStandardOutput(_ line: String) { write(line + "\n", to: 1) }

/// Prints a line to standard error.
func printToStandardError(_ line: String) { write(line + "\n", to: 2) }

/// Prints a value as one line of JSON.
func printJSON(_ value: some Encodable) throws(Fault) {
  let bytes = try WireFormat.encode(value)
  printToStandardOutput(String(decoding: bytes, as: UTF8.self))
}

/// Prints what failed and how to mend it, to standard error.
func printFault(_ fault: Fault, json: Bool) {
  if json {
    do throws(Fault) {
      let bytes = try WireFormat.encode(Failed(fault))
      return printToStandardError(String(decoding: bytes, as: UTF8.self))
    } catch {
      // Then in words.
    }
  }
  for fault in [fault] + fault.others {
    var headline = fault
    headline.mend = nil
    printToStandardError("isoctl: \(printable(headline.description))")
    if let mend = fault.mend { printToStandardError("  mend: \(printable(mend))") }
  }
}

/// A text that can't drive a terminal: control characters become `\xNN`, apart from the newline.
func printable(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: isControl) else { return text }
  var result = ""
  for scalar in text.unicodeScalars {
    if isControl(scalar) {
      result += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}

private func isControl(_ scalar: Unicode.Scalar) -> Bool {
  (scalar.value < 0x20 && scalar != "\n") || (0x7f..<0xa0).contains(scalar.value)
}
