import Faults
import Policy

extension DaemonConfiguration {
  /// `metrics`: the scrape endpoint and the status page.
  public struct Metrics: Sendable, Equatable {
    /// Files in PEM.
    public struct TLS: Sendable, Equatable {
      /// The certificate, and after it what signed it.
      public var certificate: Positioned<String>
      /// The certificate's private key.
      public var key: Positioned<String>

      /// Names both files.
      public init(certificate: Positioned<String>, key: Positioned<String>) {
        self.certificate = certificate
        self.key = key
      }
    }

    /// Where it listens; nil for nowhere.
    public var listen: Positioned<ListenAddress?>
    /// Nil for plain HTTP.
    public var tls: TLS?
    /// The file with the token that clients must present; nil where everybody may ask.
    public var tokenFile: Positioned<String>?

    /// By default on port 9273 of the loopback interface, for everybody on this machine.
    public init(
      listen: Positioned<ListenAddress?> = Positioned(ListenAddress(ipAddress: "127.0.0.1", port: 9273)),
      tls: TLS? = nil, tokenFile: Positioned<String>? = nil
    ) {
      self.listen = listen
      self.tls = tls
      self.tokenFile = tokenFile
    }
  }
}

extension DocumentDecoder {
  /// `metrics` of isolated.yaml.
  func metrics(_ node: DocumentNode) -> DaemonConfiguration.Metrics {
    var metrics = DaemonConfiguration.Metrics()
    guard let given = mapping(node, path: "metrics") else { return metrics }
    if let listen = given["listen"].flatMap({ listenAddress($0) }) { metrics.listen = listen }
    metrics.tokenFile = given["token_file"].flatMap { absolutePath($0) }
    if let files = mapping("tls", in: given) {
      let certificate = required("certificate", in: files).flatMap { absolutePath($0) }
      let key = required("key", in: files).flatMap { absolutePath($0) }
      if let certificate, let key { metrics.tls = DaemonConfiguration.Metrics.TLS(certificate: certificate, key: key) }
    }
    return metrics
  }

  private func listenAddress(_ node: DocumentNode) -> Positioned<ListenAddress?>? {
    guard let text = string(node) else { return nil }
    if text.value == "none" { return Positioned(nil, at: node.position) }
    guard let address = ListenAddress(text.value) else {
      report(
        .invalidValue, "the address of the scrape endpoint is not understood", at: node.position,
        mend: "it can be \"127.0.0.1:9273\", \"[::1]:9273\", \"0.0.0.0:9273\" for every IPv4 address, "
          + "\"[::]:9273\" for every address, or none")
      return nil
    }
    return Positioned(address, at: node.position)
  }
}
