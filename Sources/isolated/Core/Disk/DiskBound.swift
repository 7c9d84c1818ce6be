import CLinux
import ControlProtocol
import Faults
import Glibc
import Kernel
import Policy
import Sandbox

extension Fault.Code {
  /// A path lies on another file system than when it was bounded.
  static let diskNotThere: Self = "disk.not-there"
}

/// How much of the host's disks a tenant may fill, by quotas of a project of its own, and by a quota group on btrfs.
///
/// Both have the number of the tenant's first host id, which belongs to its name for good as well: files outlive
/// tenants. All of its places on one file system share the bound.
///
/// Files stay in their project, and its bound stays, when the tenant ends. A quota group is something beside the
/// subvolumes, and goes with the tenant.
struct DiskBound: Codable, Sendable {
  /// A path of the host that counts.
  struct Place: Codable, Sendable {
    var path: String
    /// The file system's number; on btrfs the subvolume's.
    var device: UInt64
    /// On btrfs, the file system's UUID; nil elsewhere.
    var btrfs: String?
  }

  var project: UInt32
  /// nil for no bound.
  var bytes: UInt64?
  /// Likewise.
  var inodes: UInt64?
  var places: [Place]

  /// What a policy's `disk` comes to on this host.
  struct Asked: Sendable {
    /// nil where nothing is to be bounded, or nothing can be.
    var bound: DiskBound?
    /// Why a part can't be enforced.
    var notEnforceable: [Fault] = []
    /// Paths that are bounded by an earlier policy of the tenant's, and by this one no more.
    var lifted: [String] = []
  }

  /// Looks at the paths that the tenant may write.
  static func asked(by policy: TenantPolicy, range: IdentityRange) throws(Fault) -> Asked {
    var paths = policy.root.writable.map { $0.map(\.source) }
    if case .directory(let overlay) = policy.root.overlay.value {
      paths.append(Positioned(overlay, at: policy.root.overlay.position))
    }
    guard let disk = policy.disk else {
      return Asked(lifted: paths.map(\.value).filter { isMarked($0, range.first) })
    }
    let position = disk.max?.position ?? disk.inodes?.position
    var asked = Asked()
    var places: [Place] = []
    for path in paths {
      let file = try openForReading(path.value)
      if BtrfsQuota.isOn(file.rawValue) {
        let looked = try btrfs(file, path.value, disk, group: QgroupName(tenant: range.first))
        asked.notEnforceable += looked.refusals
        if let place = looked.place { places.append(place) }
      } else if let reason = try refusal(file, path.value, project: range.first, position: position) {
        asked.notEnforceable.append(reason)
      } else {
        places.append(Place(path: path.value, device: try device(file, path.value)))
      }
    }
    if !places.isEmpty {
      asked.bound = DiskBound(
        project: range.first, bytes: disk.max?.value.bytes, inodes: disk.inodes?.value.number, places: places)
    }
    return asked
  }

  /// Sets the bounds, and puts what lies in the places into the project. Takes as long as there are files the first time.
  func apply() throws(Fault) {
    for place in places where place.btrfs == nil {
      let file = try Self.openForReading(place.path)
      try ProjectQuota.limit(
        project, bytes: bytes ?? 0, inodes: inodes ?? 0, on: file.rawValue, path: place.path)
      let present = try ProjectQuota.project(of: file.rawValue, path: place.path)
      if present.id != project { try ProjectWalk.mark(file, project: project, path: place.path) }
    }
    for places in placesOnBtrfs {
      var subvolumes: Set<UInt64> = []
      var top: (file: SharedDescriptor, path: String)?
      for place in places {
        let file = SharedDescriptor(try Self.openForReading(place.path))
        let facts = try BtrfsQuota.facts(file.rawValue, path: place.path)
        subvolumes.formUnion([facts.subvolume] + facts.nested)
        top = (file, place.path)
      }
      guard let top, let bytes else { continue }
      try QgroupBound(group: group).apply(to: subvolumes, bytes: bytes, file: top.file.rawValue, path: top.path)
    }
  }

  /// Takes away what doesn't outlive the tenant: its quota groups. Tries all, and throws what went wrong first.
  func end() throws(Fault) {
    var first: Fault?
    for places in placesOnBtrfs {
      do throws(Fault) {
        // Any place of the file system will do.
        try Self.first(of: places) { place throws(Fault) in
          let file = try Self.openForReading(place.path)
          guard BtrfsQuota.isOn(file.rawValue),
            try BtrfsQuota.identity(file.rawValue, path: place.path) == place.btrfs
          else {
            throw Fault(.diskNotThere, "the file system on which a tenant was bounded is not there", path: place.path)
          }
          try QgroupBound(group: group).remove(file: file.rawValue, path: place.path)
        }
      } catch {
        first = first ?? error
      }
    }
    if let first { throw first }
  }

  private static func first(of places: [Place], _ body: (Place) throws(Fault) -> Void) throws(Fault) {
    var last: Fault?
    for place in places {
      do throws(Fault) {
        return try body(place)
      } catch {
        last = error
      }
    }
    if let last { throw last }
  }

  private var group: QgroupName { QgroupName(tenant: project) }

  /// The places on btrfs, for each file system.
  private var placesOnBtrfs: [[Place]] {
    Dictionary(grouping: places.filter { $0.btrfs != nil }) { $0.btrfs }.sorted { ($0.key ?? "") < ($1.key ?? "") }
      .map(\.value)
  }

  /// Takes the bounds away that an earlier policy has set.
  static func lift(_ paths: [String], range: IdentityRange) throws(Fault) {
    for path in paths {
      let file = try openForReading(path)
      if BtrfsQuota.isOn(file.rawValue) {
        try QgroupBound(group: QgroupName(tenant: range.first)).remove(file: file.rawValue, path: path)
        continue
      }
      try ProjectQuota.limit(range.first, bytes: 0, inodes: 0, on: file.rawValue, path: path)
    }
  }

  /// What is used and what is the most, for each file system, beside what was asked.
  var limits: [Inspection.Limit] {
    var seen: Set<String> = []
    return places.filter { seen.insert($0.btrfs ?? "\($0.device)").inserted }.map { place in
      let inodes = place.btrfs == nil ? inodes : nil
      let asked = [bytes.map { "\($0) bytes" }, inodes.map { "\($0) inodes" }].compactMap { $0 }
      return Inspection.Limit(
        file: "disk \(place.path)", asked: asked.joined(separator: ", "), kernel: kernelText(place))
    }
  }

  private func kernelText(_ place: Place) -> String {
    let path = place.path
    do throws(Fault) {
      let file = try Self.openForReading(path)
      if place.btrfs != nil { return try groupText(file.rawValue, path) }
      let usage = try ProjectQuota.usage(of: project, on: file.rawValue, path: path)
      func part(_ used: UInt64, _ most: UInt64, _ unit: String) -> String {
        most == 0 ? "\(used) \(unit) used" : "\(used) of \(most) \(unit) used"
      }
      return part(usage.bytes, usage.mostBytes, "bytes") + ", " + part(usage.inodes, usage.mostInodes, "inodes")
    } catch {
      return "unknown: \(error.message)"
    }
  }

  private func groupText(_ file: Int32, _ path: String) throws(Fault) -> String {
    guard let usage = try BtrfsQuota.usage(of: group, file, path: path) else {
      return "no quota group \(group): it has been removed, or quotas turned off"
    }
    let most = usage.most.map { "\(usage.bytes) of \($0) bytes used" } ?? "\(usage.bytes) bytes used"
    let isRight = QgroupRecount(try BtrfsQuota.state(file, path: path)) == .done
    return most + ", quota group \(group)" + (isRight ? "" : ", to be counted anew: btrfs quota rescan")
  }

  private static func isMarked(_ path: String, _ project: UInt32) -> Bool {
    guard let file = try? openForReading(path) else { return false }
    if BtrfsQuota.isOn(file.rawValue) {
      let group = QgroupName(tenant: project)
      return (try? BtrfsQuota.usage(of: group, file.rawValue, path: path)) ?? nil != nil
    }
    guard let present = try? ProjectQuota.project(of: file.rawValue, path: path)
    else { return false }
    return present.id == project
  }

  private static func openForReading(_ path: String) throws(Fault) -> OwnedDescriptor {
    OwnedDescriptor(
      owning: try systemCall("open", path: path, message: "cannot open a path of the policy's root") {
        open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
      })
  }

  private static func device(_ file: borrowing OwnedDescriptor, _ path: String) throws(Fault) -> UInt64 {
    var status = stat()
    let number = file.rawValue
    try systemCall("fstat", path: path) { fstat(number, &status) }
    return UInt64(status.st_dev)
  }

  /// The place on btrfs, and what of `disk` can't be enforced there.
  private static func btrfs(
    _ file: borrowing OwnedDescriptor, _ path: String, _ disk: DiskPolicy, group: QgroupName
  ) throws(Fault) -> (place: Place?, refusals: [Fault]) {
    var refusals: [Fault] = []
    if let inodes = disk.inodes {
      refusals.append(
        Fault(
          .notEnforceable, "this host can't enforce disk.inodes on \(path): btrfs has no bound on the number of files",
          position: inodes.position, mend: "leave \"inodes\" out, or put the directory on ext4 or XFS"))
    }
    guard let most = disk.max else { return (nil, refusals) }
    if let (why, mend) = try BtrfsQuota.facts(file.rawValue, path: path).refusal(path: path, group: group) {
      refusals.append(
        Fault(
          .notEnforceable, "this host can't enforce disk on \(path): \(why)", position: most.position, mend: mend))
      return (nil, refusals)
    }
    let place = Place(
      path: path, device: try device(file, path), btrfs: try BtrfsQuota.identity(file.rawValue, path: path))
    return (place, refusals)
  }

  /// Why the path can't be bounded; nil where it can.
  private static func refusal(
    _ file: borrowing OwnedDescriptor, _ path: String, project: UInt32, position: Fault.Position?
  ) throws(Fault) -> Fault? {
    func cannot(_ why: String, mend: String) -> Fault {
      Fault(.notEnforceable, "this host can't enforce disk on \(path): \(why)", position: position, mend: mend)
    }
    switch ProjectQuota.support(file.rawValue) {
    case .enforced: break
    case .off:
      return cannot("the file system's project quotas are off", mend: DiskQuotaAdvice.mend(for: file.rawValue))
    case .none:
      return cannot("its file system has no project quotas", mend: DiskQuotaAdvice.mend(for: file.rawValue))
    }
    let present = try ProjectQuota.project(of: file.rawValue, path: path)
    guard present.id == 0 || present.id == project else {
      return cannot(
        "it belongs to project \(present.id), and a directory has only one",
        mend: "give each tenant a directory of its own; if no other tenant has it any more, take it out of that "
          + "project: chattr -R -p 0 \(path)")
    }
    return nil
  }
}

/// How to turn quotas on.
enum DiskQuotaAdvice {
  // linux/magic.h.
  private static let ext4: Int64 = 0xEF53
  private static let xfs: Int64 = 0x5846_5342

  /// The way for the file system of an open file.
  static func mend(for file: Int32) -> String { mend(type: clinux_file_system_kind(file)) }

  static func mend(type: Int64) -> String {
    switch type {
    case ext4:
      "unmount it, run tune2fs -O project,quota on its device, and mount it with the option prjquota; "
        + "for the root file system, boot with rootflags=prjquota after tune2fs"
    case xfs: "mount it with the option prjquota; for the root file system, boot with rootflags=prjquota"
    default: "put the directory on ext4 or XFS with project quotas, or make it a subvolume of btrfs; or remove \"disk\""
    }
  }
}
