import ArgumentParser
import Faults

/// How to part a terminal from a tenant.
struct DetachKeysOption: ParsableArguments {
  @Option(
    name: .customLong("detach-keys"),
    help: ArgumentHelp("The keys that detach: characters, or ctrl- and a letter, with commas.", valueName: "keys"))
  var keys = "ctrl-p,ctrl-q"

  /// What they are.
  var value: DetachKeys {
    get throws {
      do throws(Fault) {
        return try DetachKeys(keys)
      } catch {
        throw ValidationError("\(error.message)\(error.mend.map { "; \($0)" } ?? "")")
      }
    }
  }

  func validate() throws { _ = try value }
}
