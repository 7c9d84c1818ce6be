import Glibc

/// The names of the host's users, from /etc/passwd alone: a static program can't load the modules of nsswitch.conf.
struct UserNames {
  private let names: [Int: String]

  init(path: String = "/etc/passwd") {
    var names: [Int: String] = [:]
    if let file = fopen(path, "re") {
      var line: UnsafeMutablePointer<CChar>?
      var capacity = 0
      while getline(&line, &capacity, file) >= 0, let line {
        let fields = String(cString: line).split(separator: ":", omittingEmptySubsequences: false)
        if fields.count > 2, let number = Int(fields[2]), names[number] == nil {
          names[number] = String(fields[0])
        }
      }
      free(line)
      fclose(file)
    }
    self.names = names
  }

  /// The user's name, or the number where there is none.
  func name(of user: Int) -> String { names[user] ?? "\(user)" }
}
