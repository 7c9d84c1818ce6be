/// `root`: what a tenant sees as its file system.
///
/// Every path in it is absolute and normalised: no `.` or `..` component, no repeated or trailing slash.
public struct RootPolicy: Sendable, Equatable {
  /// Where the read-only lower part of the root comes from.
  public enum Base: Sendable, Hashable {
    /// The named parts of the host that programs need to start (`base: host`).
    case host
    /// A directory tree of the host, id-mapped.
    case directory(String)
  }

  /// Where writes to the root itself go.
  public enum Overlay: Sendable, Hashable {
    /// Nowhere: the root is read-only.
    case none
    /// To a tmpfs that dies with the tenant.
    case tmpfs
    /// To a directory of the host.
    case directory(String)
  }

  /// Which ids the files of a writable path have on the disk.
  public enum IdsOnDisk: String, CaseIterable, Sendable, Hashable {
    /// The host's: a user is the same number inside and outside, apart from root.
    case host
    /// Those of the tenant's own range: nobody else's files are its own, and its own are nobody else's.
    case tenant
  }

  /// A directory or file of the host that appears in the tenant.
  public struct Bind: Sendable, Hashable {
    /// Where it appears in the tenant.
    public var path: String
    /// What it is on the host.
    public var source: String
    /// `ids`: whose the files are on the disk.
    public var ids: IdsOnDisk

    /// Names both ends.
    public init(path: String, source: String, ids: IdsOnDisk = .host) {
      self.path = path
      self.source = source
      self.ids = ids
    }
  }

  /// A private tmpfs; its pages are charged to the tenant's memory.
  public struct TemporaryFileSystem: Sendable, Equatable {
    /// Where it is mounted in the tenant.
    public var path: Positioned<String>
    /// Its size limit.
    public var size: Positioned<ByteSize>
    /// How many files it may hold; `nil` is the kernel's default.
    public var inodes: Positioned<ItemCount>?
    /// The permission bits of its top directory.
    public var mode: UInt32
    /// The owner of its top directory, the tenant's `user` by default; `nil` is root inside, who owns `/tmp`
    /// and `/dev/shm` by default.
    public var owner: Positioned<Principal>?
  }

  /// `base`: ``Base/host`` by default.
  public var base: Positioned<Base>
  /// `writable`: host paths that the tenant may write.
  public var writable: [Positioned<Bind>]
  /// `readable`: further host paths that the tenant may read.
  public var readable: [Positioned<Bind>]
  /// `tmpfs`: private mounts. `/tmp` (64 MiB, mode 1777) and `/dev/shm` (64 MiB, mode 1777) are always among
  /// them, with these values unless the file gives others.
  public var temporary: [TemporaryFileSystem]
  /// `overlay`: ``Overlay/none`` by default, and always on ``Base/host``.
  public var overlay: Positioned<Overlay>
  /// `size`: the size limit of the overlay's tmpfs; set exactly when ``overlay`` is ``Overlay/tmpfs``.
  public var overlaySize: Positioned<ByteSize>?
}
