import ArgumentParser

struct IOCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "io", abstract: "Look at disks, and measure them.",
    subcommands: [IODevicesCommand.self, IOCalibrateCommand.self])
}
