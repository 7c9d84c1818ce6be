import Faults
import Glibc
import Kernel

extension Cgroup {
  /// Creates a group within this one.
  ///
  /// - Parameter name: one name, without slashes or control characters.
  /// - Throws: `.invalidGroupName`, `.groupExists`, `.tooManyGroups`,
  ///   `.groupGone`, `.permissionDenied`.
  public func createChild(_ name: String) throws(Fault) -> Cgroup {
    try GroupName.checkNew(name, in: path)
    do {
      try systemCall("mkdirat", path: filePath(name), message: "cannot create the group") {
        calls.makeDirectory(directory.rawValue, name)
      }
    } catch {
      throw Explanation.creating(error, in: self)
    }
    do {
      return try child(name)
    } catch {
      // A group that its creator can't use is removed again; the error that matters is the first.
      _ = calls.removeDirectory(directory.rawValue, name)
      throw error
    }
  }

  /// Opens a group within this one.
  ///
  /// - Throws: `.noSuchGroup`, `.invalidGroupName`, `.notACgroup`.
  public func child(_ name: String) throws(Fault) -> Cgroup {
    try GroupName.check(name, in: path)
    return try openChild(name, shownAs: name)
  }

  /// Opens a group within this one, `nil` where there is none.
  public func childIfPresent(_ name: String) throws(Fault) -> Cgroup? {
    do {
      return try child(name)
    } catch let fault where fault.code == .noSuchGroup {
      return nil
    }
  }

  /// The names of the groups within this one, in no order.
  ///
  /// A name that isn't valid UTF-8 comes with replacement characters, and can't be opened by it.
  public func childNames() throws(Fault) -> [String] {
    try rawChildNames().map(shownName)
  }

  /// The groups within this one, in no order. Groups that vanish meanwhile are left out.
  public func children() throws(Fault) -> [Cgroup] {
    var groups: [Cgroup] = []
    for name in try rawChildNames() {
      do {
        groups.append(try openChild(rawName: name))
      } catch let fault where fault.code == .noSuchGroup {
        continue
      }
    }
    return groups
  }

  /// Opens a group within this one by the bytes of its name, NUL included.
  func openChild(rawName name: [CChar]) throws(Fault) -> Cgroup {
    try openChild(name, shownAs: shownName(name))
  }

  private func shownName(_ name: [CChar]) -> String {
    String(decoding: name.lazy.map { UInt8(bitPattern: $0) }.dropLast(), as: UTF8.self)
  }

  /// Opens a directory entry, given as a string or as a name's bytes up to and with the NUL.
  private func openChild(_ name: UnsafePointer<CChar>, shownAs shown: String) throws(Fault) -> Cgroup {
    let path = filePath(shown)
    do {
      let number = try systemCall("openat", path: path, message: "cannot open the group") {
        calls.open(directory.rawValue, name, Self.directoryFlags | O_NOFOLLOW)
      }
      return Cgroup(path: path, directory: SharedDescriptor(owning: number), calls: calls)
    } catch {
      throw Explanation.opening(error)
    }
  }

  /// The names of the directories within this one, each with its NUL: names may be any bytes.
  func rawChildNames() throws(Fault) -> [[CChar]] {
    let dot = CChar(bitPattern: UInt8(ascii: "."))
    return try entries(ofType: UInt8(DT_DIR)).filter { $0 != [dot, 0] && $0 != [dot, dot, 0] }
  }

  /// The names of the group's interface files.
  func fileNames() throws(Fault) -> [String] { try entries(ofType: UInt8(DT_REG)).map(shownName) }

  private func entries(ofType type: UInt8) throws(Fault) -> [[CChar]] {
    let number = try openFile(".", flags: O_RDONLY | O_DIRECTORY)
    guard let stream = fdopendir(number) else {
      let fault = Fault(
        .systemCallFailed, "cannot list the group", systemCall: "fdopendir", path: path,
        errno: ErrorNumber(errno))
      _ = OwnedDescriptor(owning: number)
      throw fault
    }
    defer { closedir(stream) }
    var names: [[CChar]] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else { break }
      guard entry.pointee.d_type == type else { continue }
      names.append(
        withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
          bytes.prefix { $0 != 0 }.map { CChar(bitPattern: $0) } + [0]
        })
    }
    guard errno == 0 else {
      throw Fault(
        .systemCallFailed, "cannot list the group", systemCall: "readdir", path: path,
        errno: ErrorNumber(errno))
    }
    return names
  }
}
