public struct DaemonConfiguration: Sendable {
  public var socketPath = "/run/isolated/io.isolated"
  public var controlGroup = "isolated"
  public var policyDirectories = ["/etc/isolated/policies", "/usr/share/isolated/policies"]
  public var stateDirectory = "/run/isolated"
  public var persistentDirectory = "/var/lib/isolated"
  public var groupPath: String?
  public var initPath = "/usr/lib/isolated/tenant-init"
  public var firstIdentity: UInt32 = 0x1000_0000
  public var identityCount: UInt32 = 0x4000_0000
  public var hostMemoryReserve: UInt64 = 256 << 20
  public var allowsMemoryOvercommit = false
  public var mostTenants = 1024
  public var logDirectory = "/var/log/isolated"
  public var logRate: UInt64 = 256 << 10
  public var logBurst: UInt64 = 1 << 20
  public var logFileSize: UInt64 = 8 << 20
  public var filterCacheDirectory: String?
  public init() {}
}
