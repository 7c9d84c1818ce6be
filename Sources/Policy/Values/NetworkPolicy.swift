/// `network`: what network the tenant sees.
public struct NetworkPolicy: Sendable, Equatable {
  /// `mode`.
  public enum Mode: String, CaseIterable, Sendable, Hashable {
    /// A network namespace of its own with nothing but loopback.
    case none
    /// The host's network namespace: no isolation, and no capability over it.
    case host
  }

  /// `tcp`: the ports that TCP sockets may use; `nil` is no rule.
  public struct TCPPorts: Sendable, Equatable {
    /// `bind`: the own ports; 0 is one that the kernel chooses.
    public var bind: [Positioned<UInt64>]?
    /// `connect`: the others' ports.
    public var connect: [Positioned<UInt64>]?
  }

  /// A line of `/etc/hosts`.
  public struct HostEntry: Sendable, Equatable {
    /// The name.
    public var name: Positioned<String>
    /// Its address.
    public var address: Positioned<NetworkAddress>
  }

  /// `mode`: ``Mode/none`` by default.
  public var mode: Positioned<Mode>
  /// `tcp`: `nil` without rules.
  public var tcp: Positioned<TCPPorts>?
  /// `hosts`: further lines of the tenant's `/etc/hosts`, in the order of the file.
  public var hosts: [HostEntry]
  /// `dns`: the name servers of the tenant's `/etc/resolv.conf`.
  public var nameservers: [Positioned<NetworkAddress>]
}
