/// Which release of the project this is.
public enum Release {
  /// The version, the same for daemon and client.
  public static let version = "0.1.0"
}
