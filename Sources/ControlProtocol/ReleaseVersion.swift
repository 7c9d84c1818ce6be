/// The version of the daemon and of its client, as the file `VERSION` says it.
public let isolatedVersion = "0.1.0"
