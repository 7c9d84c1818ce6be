import Faults

extension DocumentDecoder {
  /// `network`.
  func networkPolicy(_ top: StrictMapping) -> NetworkPolicy {
    var policy = NetworkPolicy(mode: Positioned(NetworkPolicy.Mode.none), tcp: nil, hosts: [], nameservers: [])
    guard let network = mapping("network", in: top) else { return policy }
    policy.mode = choice("mode", in: network, as: NetworkPolicy.Mode.self) ?? policy.mode
    if let tcp = mapping("tcp", in: network) {
      let ports = NetworkPolicy.TCPPorts(bind: ports("bind", in: tcp), connect: ports("connect", in: tcp))
      if tcp["bind"] == nil, tcp["connect"] == nil {
        report(.missingKey, "\"tcp\" forbids nothing", at: tcp.position, mend: "give bind: [8080], for example")
      }
      policy.tcp = Positioned(ports, at: tcp.position)
    }
    policy.hosts = (network["hosts"].flatMap { freeMapping($0) } ?? []).compactMap { hostEntry($0) }
    policy.nameservers = list("dns", in: network).compactMap { quantity($0, as: NetworkAddress.self) }
    if policy.nameservers.count > 3 {
      report(
        .outOfRange, "resolvers take three name servers at most (resolv.conf(5))", at: policy.nameservers[3].position,
        mend: "remove the others")
    }
    return policy
  }

  private func ports(_ key: String, in mapping: StrictMapping) -> [Positioned<UInt64>]? {
    mapping[key].map { (list($0) ?? []).compactMap { integer($0, in: 0...65535) } }
  }

  private func hostEntry(_ entry: DocumentNode.Entry) -> NetworkPolicy.HostEntry? {
    guard isHostName(entry.key, longest: 253) else {
      report(
        .invalidValue, "\"\(entry.key.shortened)\" is not a host name", at: entry.position,
        mend: "use letters, digits, hyphens and dots, as RFC 1123 has it")
      return nil
    }
    return quantity(entry.value, as: NetworkAddress.self).map {
      NetworkPolicy.HostEntry(name: Positioned(entry.key, at: entry.position), address: $0)
    }
  }

  /// Whether `name` is one of RFC 1123.
  func isHostName(_ name: String, longest: Int) -> Bool {
    name.utf8.count <= longest
      && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
        (1...63).contains(label.utf8.count) && label.utf8.first != 45 && label.utf8.last != 45
          && label.utf8.allSatisfy { $0.isLetterOrDigit || $0 == 45 }
      }
  }
}
