import Faults

extension DocumentDecoder {
  /// `root`.
  func rootPolicy(_ top: StrictMapping, user: Positioned<Principal>) -> RootPolicy {
    var root = RootPolicy(
      base: Positioned(.host), writable: [], readable: [], temporary: [], overlay: Positioned(.none),
      overlaySize: nil)
    if let mapping = mapping("root", in: top) {
      if let base = mapping["base"] { root.base = rootBase(base) ?? root.base }
      if let overlay = mapping["overlay"] { root.overlay = rootOverlay(overlay) ?? root.overlay }
      root.writable = list("writable", in: mapping).compactMap { bind($0, path: "root.writable[]") }
      root.readable = list("readable", in: mapping).compactMap { bind($0, path: "root.readable[]") }
      root.temporary = list("tmpfs", in: mapping).compactMap { temporaryFileSystem($0, user: user) }
      root.overlaySize = quantity("size", in: mapping, as: ByteSize.self)
      checkOverlaySize(root, in: mapping)
      checkWholeHost(root)
    }
    for path in ["/tmp", "/dev/shm"] where !root.temporary.contains(where: { $0.path.value == path }) {
      root.temporary.append(
        RootPolicy.TemporaryFileSystem(
          path: Positioned(path), size: Positioned(ByteSize(bytes: 64 << 20)), inodes: nil, mode: 0o1777, owner: nil))
    }
    checkMountPoints(of: root)
    return root
  }

  private func rootBase(_ node: DocumentNode) -> Positioned<RootPolicy.Base>? {
    guard let text = string(node) else { return nil }
    guard text.value != "host" else { return Positioned(.host, at: node.position) }
    // checkWholeHost says under what condition.
    guard text.value != "/" else { return text.map { .directory($0) } }
    guard let objection = objection(toPath: text.value) else { return text.map { .directory($0) } }
    report(
      .invalidValue, objection, at: node.position, mend: "it can be host, or a directory's absolute path")
    return nil
  }

  /// All of the host's root file system, with the ids that it has there, is for a look at a program that changes nothing.
  private func checkWholeHost(_ root: RootPolicy) {
    guard root.base.value == .directory("/"), root.overlay.value != .tmpfs else { return }
    report(
      .invalidValue, "the path can't be / itself, unless all that is written stays in memory",
      at: root.base.position, mend: "it can be host, or a directory's absolute path; or add overlay: tmpfs and a size")
  }

  private func rootOverlay(_ node: DocumentNode) -> Positioned<RootPolicy.Overlay>? {
    guard let text = string(node) else { return nil }
    switch text.value {
    case "none": return Positioned(.none, at: node.position)
    case "tmpfs": return Positioned(.tmpfs, at: node.position)
    default:
      guard let objection = objection(toPath: text.value) else { return text.map { .directory($0) } }
      report(
        .invalidValue, objection, at: node.position,
        mend: "it can be none, tmpfs, or a directory's absolute path")
      return nil
    }
  }

  private func checkOverlaySize(_ root: RootPolicy, in mapping: StrictMapping) {
    if root.base.value == .host, root.overlay.value != .none {
      report(
        .conflict, "an overlay needs a base that is a directory, and the base is host",
        at: root.overlay.position,
        mend: "remove it, and name what the tenant may write in \"writable\" or \"tmpfs\"")
    }
    if root.overlay.value == .tmpfs {
      guard let size = root.overlaySize else {
        if mapping["size"] == nil {
          report(
            .missingKey, "an overlay on tmpfs needs the key \"size\"", at: root.overlay.position,
            mend: "add size: 256MiB, for example; what is written counts as the tenant's memory")
        }
        return
      }
      checkPositive(size)
    } else if let size = root.overlaySize {
      report(
        .conflict, "the key \"size\" bounds an overlay on tmpfs, and there is none",
        at: mapping.position(of: "size") ?? size.position, mend: "remove it, or add overlay: tmpfs")
    }
  }

  private func checkPositive(_ size: Positioned<ByteSize>) {
    guard size.value.bytes < 4096 else { return }
    report(
      .outOfRange, "a tmpfs of \(size.value) holds nothing", at: size.position, mend: "give it 4KiB or more")
  }

  private func bind(_ node: DocumentNode, path: String) -> Positioned<RootPolicy.Bind>? {
    if case .scalar = node.content {
      return absolutePath(node)?.map { RootPolicy.Bind(path: $0, source: $0) }
    }
    guard let mapping = mapping(node, path: path) else { return nil }
    let target = required("path", in: mapping).flatMap { absolutePath($0) }
    let source = mapping["source"].map { absolutePath($0) }
    let ids = choice("ids", in: mapping, as: RootPolicy.IdsOnDisk.self)?.value ?? .host
    // A source that is given and wrong has been reported; it must not turn into the path.
    guard let target, source.map({ $0 != nil }) ?? true else { return nil }
    let origin = source.flatMap { $0?.value } ?? target.value
    return Positioned(RootPolicy.Bind(path: target.value, source: origin, ids: ids), at: target.position)
  }

  private func temporaryFileSystem(
    _ node: DocumentNode, user: Positioned<Principal>
  ) -> RootPolicy.TemporaryFileSystem? {
    guard let mapping = mapping(node, path: "root.tmpfs[]") else { return nil }
    let path = required("path", in: mapping).flatMap { absolutePath($0) }
    let size = required("size", in: mapping, mend: "what is written counts as the tenant's memory")
      .flatMap { quantity($0, as: ByteSize.self) }
    let inodes = quantity("inodes", in: mapping, as: ItemCount.self)
    let mode = mapping["mode"].flatMap { octalMode($0, highest: 0o7777, example: "0755") }
    let owner = mapping["owner"].flatMap { principal($0, highest: 65535) }
    guard let path, let size else { return nil }
    checkPositive(size)
    if let inodes, inodes.value.number < 2 {
      report(
        .outOfRange, "a tmpfs of \(inodes.value) inodes holds nothing but itself", at: inodes.position,
        mend: "give it 2 or more")
    }
    let isShared = path.value == "/tmp" || path.value == "/dev/shm"
    return RootPolicy.TemporaryFileSystem(
      path: path, size: size, inodes: inodes, mode: mode ?? (isShared ? 0o1777 : 0o755),
      owner: owner ?? (isShared ? nil : user))
  }

  /// Each path is mounted once, and nothing covers what the sandbox itself mounts.
  private func checkMountPoints(of root: RootPolicy) {
    var seen: [String: Fault.Position?] = [:]
    let binds = (root.writable + root.readable).map { $0.map(\.path) }
    for path in binds + root.temporary.map(\.path) {
      if let first = seen.updateValue(path.position, forKey: path.value) {
        // Of /tmp and /dev/shm, the one that nobody wrote has no place.
        report(
          .conflict,
          path.position == nil ? "\(path.value) is a file system in memory" : "\(path.value) is given more than once",
          at: path.position ?? first, mend: path.position == nil ? "choose another path" : "keep one of them")
      }
      let top = path.value.split(separator: "/").first ?? ""
      if ["proc", "sys", "dev"].contains(top), path.value != "/dev/shm" {
        report(
          .invalidValue, "\(path.value) is in the tenant's own /\(top)", at: path.position,
          mend: top == "dev" ? "name a device node in \"devices\"" : nil)
      }
    }
  }
}
