// `run` starts without the argument parser, whose set-up takes a millisecond, wherever its arguments are plain.
if let arguments = RunArguments(fast: CommandLine.arguments) {
  exitProcess(ForegroundRun.perform(arguments))
}
Isoctl.start(CommandLine.arguments)
