import ArgumentParser

struct IOCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "io", abstract: "Look at disks, measure them, and plan what is promised of them.",
    subcommands: [IODevicesCommand.self, IOCalibrateCommand.self, IOPlanCommand.self])
}
