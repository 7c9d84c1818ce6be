import Faults
import Glibc
import Kernel
import NIOSSL

extension Fault.Code {
  /// The file of the scrape endpoint's token can't be used.
  public static let badTokenFile: Self = "metrics.bad-token-file"
  /// The scrape endpoint's certificate or its key can't be used.
  public static let badCertificate: Self = "metrics.bad-certificate"
  /// The scrape endpoint can't listen on its address.
  public static let cannotListen: Self = "metrics.cannot-listen"
}

/// What the scrape endpoint reads from files: its token, and what TLS needs.
struct ScrapeCredentials: Sendable {
  var token: ScrapeToken?
  var tls: NIOSSLContext?

  /// Reads the files that the configuration names. They must be root's, nobody else may write them, and the world
  /// may not read the token or the key.
  ///
  /// - Throws: `metrics.bad-token-file`, `metrics.bad-certificate`, `system.call-failed`; with the file's path.
  init(_ configuration: DaemonConfiguration.Metrics) throws(Fault) {
    if let file = configuration.tokenFile {
      let refusal = Fault(
        .badTokenFile, "the token's file isn't root's alone", position: file.position,
        mend: "chown root and chmod go-rwx it, and leave at most \(ScrapeToken.mostBytes) bytes in it")
      let bytes = try Self.read(file.value, called: "the token", mostBytes: ScrapeToken.mostBytes, refusal: refusal)
      guard let token = ScrapeToken(fileContents: bytes) else {
        throw Fault(
          .badTokenFile, "a token is \(ScrapeToken.fewestBytes) or more visible ASCII characters", path: file.value,
          position: file.position, mend: "make one: openssl rand -hex 32")
      }
      self.token = token
    }
    if let files = configuration.tls { tls = try Self.context(files) }
  }

  private static func context(_ files: DaemonConfiguration.Metrics.TLS) throws(Fault) -> NIOSSLContext {
    let certificate = try resolved(files.certificate.value)
    let chain = try TrustedFile.read(
      certificate, called: "the certificate", mostBytes: 1 << 20,
      refusal: Fault(
        .badCertificate, "the certificate's file isn't root's alone to write", position: files.certificate.position,
        mend: "chown root and chmod go-w it"))
    let key = try read(
      files.key.value, called: "the key", mostBytes: 1 << 20,
      refusal: Fault(
        .badCertificate, "the key's file isn't root's alone", position: files.key.position,
        mend: "chown root and chmod o-rwx,g-w it"))
    var configuration: TLSConfiguration
    do {
      configuration = .makeServerConfiguration(
        certificateChain: try NIOSSLCertificate.fromPEMBytes(chain).map { .certificate($0) },
        privateKey: .privateKey(try NIOSSLPrivateKey(bytes: key, format: .pem)))
      configuration.minimumTLSVersion = .tlsv12
      configuration.applicationProtocols = ["http/1.1"]
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw Fault(
        .badCertificate, "certificate and key aren't a pair in PEM: \(error)", path: files.certificate.value,
        position: files.certificate.position,
        mend: "the certificate first, then what signed it; the key without a password")
    }
  }

  /// A trusted file that is a secret besides: the world may not read it.
  private static func read(
    _ path: String, called name: String, mostBytes: Int, refusal: Fault
  ) throws(Fault) -> [UInt8] {
    let path = try resolved(path)
    return try TrustedFile.read(path, called: name, mostBytes: mostBytes, isSecret: true, refusal: refusal)
  }

  /// Where links lead, as those of certbot do: whose the file itself is, is then looked at.
  private static func resolved(_ path: String) throws(Fault) -> String {
    guard let resolved = realpath(path, nil) else {
      throw Fault(
        .systemCallFailed, "cannot find a file of the scrape endpoint", systemCall: "realpath", path: path,
        errno: ErrorNumber(errno))
    }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
