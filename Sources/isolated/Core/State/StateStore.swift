import Faults
import FoundationEssentials
import Glibc
import Kernel

extension Fault.Code {
  /// A tenant's state file can't be understood.
  public static let damagedState: Self = "state.damaged"
}

/// The tenants' state files: `NAME.json`, replaced whole, `NAME.copy`, the same once more should that be damaged, and
/// `NAME.exit`, written by the tenant's PID 1.
struct StateStore: Sendable {
  let directory: String

  /// Opens the store, making its directory.
  init(directory: String) throws(Fault) {
    self.directory = directory
    if mkdir(directory, 0o700) != 0, errno != EEXIST {
      throw Fault(
        .systemCallFailed, "cannot make the state directory", systemCall: "mkdir", path: directory,
        errno: ErrorNumber(errno))
    }
  }

  private static let recordSuffix = "json"
  private static let copySuffix = "copy"

  func path(_ name: String, _ suffix: String) -> String { "\(directory)/\(name).\(suffix)" }

  /// Writes a tenant's record, and a copy of it.
  func save(_ record: TenantRecord) throws(Fault) {
    let path = path(record.name, Self.recordSuffix)
    let bytes: Data
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      bytes = try encoder.encode(record)
    } catch {
      throw Fault(.internalError, "cannot encode a tenant's state: \(error)", path: path)
    }
    let sealed = RecordSeal.seal(Array(bytes))
    try SmallFile.replace(path, with: sealed)
    try SmallFile.replace(self.path(record.name, Self.copySuffix), with: sealed)
  }

  /// All records, and a fault for each file that can't be understood; what has no copy stays as it is. A damaged
  /// record is taken from its copy, and written anew.
  func load() throws(Fault) -> (records: [TenantRecord], damaged: [Fault]) {
    var records: [TenantRecord] = []
    var damaged: [Fault] = []
    for name in try recordedNames().sorted() {
      do throws(Fault) {
        records.append(try Self.read(path(name, Self.recordSuffix), name: name))
      } catch {
        damaged.append(error)
        do throws(Fault) {
          let record = try Self.read(path(name, Self.copySuffix), name: name)
          records.append(record)
          try save(record)
        } catch {
          if error.errno?.number != ENOENT { damaged.append(error) }
        }
      }
    }
    return (records, damaged)
  }

  private static func read(_ path: String, name: String) throws(Fault) -> TenantRecord {
    guard let text = RecordSeal.open(try SmallFile.readBytes(path, limit: 16 << 20, called: "the tenant's state"))
    else {
      throw Fault(.damagedState, "the tenant's state isn't what was written", path: path)
    }
    let record: TenantRecord
    do {
      record = try JSONDecoder().decode(TenantRecord.self, from: Data(text))
    } catch {
      throw Fault(.damagedState, "the tenant's state can't be understood: \(error)", path: path)
    }
    guard record.version <= TenantRecord.currentVersion else {
      throw Fault(.damagedState, "the tenant's state was written by a newer daemon", path: path)
    }
    guard record.name == name else {
      throw Fault(.damagedState, "the tenant's state is another one's", path: path)
    }
    return record
  }

  /// The names of all tenants that have a record, readable or not.
  func recordedNames() throws(Fault) -> Set<String> {
    var found: Set<String> = []
    for file in try names() {
      for suffix in [".\(Self.recordSuffix)", ".\(Self.copySuffix)"] where file.hasSuffix(suffix) {
        found.insert(String(file.dropLast(suffix.count)))
      }
    }
    return found
  }

  /// Removes what starts have left that were cut off before their record was written.
  func removeStrays() throws(Fault) {
    let recorded = try recordedNames()
    let strays = [".exit", ".new", ".\(AttachSocket.suffix)"]
    for file in try names() where strays.contains(where: file.hasSuffix) {
      let name = file.prefix { $0 != "." }
      if !recorded.contains(String(name)) { try remove(String(name)) }
    }
  }

  /// Makes the file that the tenant's PID 1 writes its exit record to. Its bytes are there already, as zeros: how a
  /// tenant ended is not lost to a disk that has become full meanwhile.
  func makeExitFile(_ name: String) throws(Fault) -> OwnedDescriptor {
    let path = path(name, "exit")
    let file = OwnedDescriptor(
      owning: try systemCall("open", path: path, message: "cannot make the file for the exit status") {
        open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
      })
    let number = file.rawValue
    let blank = [UInt8](repeating: 0, count: ExitRecord.byteCount)
    do throws(Fault) {
      try systemCall("pwrite", path: path, message: "cannot make room for the exit status") {
        pwrite(number, blank, blank.count, 0)
      }
    } catch {
      unlink(path)
      throw error
    }
    return file
  }

  /// The exit file's bytes, or nil if there is none.
  func exitBytes(_ name: String) -> [UInt8]? { try? SmallFile.readBytes(path(name, "exit"), limit: 4096) }

  /// Removes all files of a tenant.
  func remove(_ name: String) throws(Fault) {
    for suffix in ["json", "copy", "exit", "json.new", "copy.new", AttachSocket.suffix] {
      let path = path(name, suffix)
      if unlink(path) != 0, errno != ENOENT {
        throw Fault(
          .systemCallFailed, "cannot remove a tenant's state", systemCall: "unlink", path: path,
          errno: ErrorNumber(errno))
      }
    }
  }

  private func names() throws(Fault) -> [String] {
    try DirectoryListing.names(directory, message: "cannot list the state directory")
  }
}
