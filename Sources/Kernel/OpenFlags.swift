/// open(2): a descriptor that only names a file. The C library shows it to _GNU_SOURCE alone.
public let O_PATH: Int32 = 0o10_000_000
