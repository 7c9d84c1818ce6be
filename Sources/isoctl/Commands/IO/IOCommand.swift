import ArgumentParser

struct IOCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "io", abstract: "Look at disks, measure them, plan what is promised of them, and watch it.",
    subcommands: [IODevicesCommand.self, IOCalibrateCommand.self, IOPlanCommand.self, IOTopCommand.self])
}
