// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]
let strictC: [CSetting] = [
  .define("_GNU_SOURCE"), .enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error),
]

let package = Package(
  name: "isolated",
  products: [
    .library(name: "CgroupKit", targets: ["CgroupKit"]),
    .executable(name: "isolated", targets: ["isolated"]),
    .executable(name: "isoctl", targets: ["isoctl"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
  ],
  targets: [
    .target(name: "CLinux", cSettings: strictC),
    .systemLibrary(name: "CSeccomp", providers: [.apt(["libseccomp-dev"])]),
    .target(name: "CTenantPlan", cSettings: strictC),
    .target(
      name: "CIOLatency", cSettings: strictC,
      linkerSettings: [.linkedLibrary("bpf"), .linkedLibrary("elf"), .linkedLibrary("z")]),
    .systemLibrary(name: "CCap", providers: [.apt(["libcap-dev"])]),
    .systemLibrary(name: "CYaml", providers: [.apt(["libyaml-dev"])]),

    .target(name: "Faults", swiftSettings: strict),
    .target(name: "Kernel", dependencies: ["CLinux", "Faults"], swiftSettings: strict),
    .target(name: "CgroupKit", dependencies: ["CLinux", "Faults", "Kernel"], swiftSettings: strict),
    .target(name: "IOSensor", dependencies: ["CIOLatency", "Faults", "Kernel"], swiftSettings: strict),
    .target(name: "Policy", dependencies: ["CYaml", "Faults"], swiftSettings: strict),
    .target(name: "IOCalibration", dependencies: ["CLinux", "Faults", "IOQoS", "Kernel"], swiftSettings: strict),
    .target(name: "IOQoS", dependencies: ["Faults"], swiftSettings: strict),
    .target(
      name: "IOPlanning", dependencies: ["Faults", "IOCalibration", "IOQoS", "Policy"], swiftSettings: strict),
    .target(
      name: "ControlProtocol", dependencies: ["CLinux", "CTenantPlan", "Faults", "Kernel"], swiftSettings: strict),
    .target(
      name: "Sandbox", dependencies: ["CCap", "CLinux", "CSeccomp", "CTenantPlan", "Faults", "Kernel", "Policy"],
      swiftSettings: strict),
    .target(name: "PolicyTools", dependencies: ["Faults", "Policy", "Sandbox"], swiftSettings: strict),
    .target(
      name: "IsolatedCore",
      dependencies: [
        "CLinux", "CgroupKit", "ControlProtocol", "CTenantPlan", "Faults", "IOCalibration", "IOPlanning", "IOQoS",
        "IOSensor", "Kernel", "Policy", "Sandbox", .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      path: "Sources/isolated/Core", exclude: ["Scrape/status.html"], swiftSettings: strict),
    .executableTarget(
      name: "isolated",
      dependencies: [
        "IsolatedCore", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/isolated/Main", swiftSettings: strict),
    .executableTarget(
      name: "isoctl",
      dependencies: [
        "CLinux", "ControlProtocol", "Faults", "IOCalibration", "IOPlanning", "IOQoS", "Kernel", "Policy",
        "PolicyTools", "Sandbox", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    .executableTarget(
      name: "allocation-bench", dependencies: ["IOQoS"], path: "Benchmarks/allocation", swiftSettings: strict),
    .executableTarget(
      name: "scheduler-bench", dependencies: ["IOQoS"], path: "Benchmarks/scheduler", swiftSettings: strict),
    .executableTarget(
      name: "tick-bench",
      dependencies: [
        "CgroupKit", "Faults", "IOQoS", "IsolatedCore", .product(name: "Logging", package: "swift-log"),
      ],
      path: "Benchmarks/tick", swiftSettings: strict),
    .executableTarget(
      name: "scrape-bench",
      dependencies: ["CgroupKit", "ControlProtocol", "Faults", "IOQoS", "IOSensor", "IsolatedCore"],
      path: "Benchmarks/scrape", swiftSettings: strict),
    .executableTarget(
      name: "iosensor-probe", dependencies: ["Faults", "IOSensor", "Kernel"], path: "Tests/IOSensorProbe",
      exclude: ["bundle"], swiftSettings: strict),

    .testTarget(name: "CgroupKitTests", dependencies: ["CgroupKit"], swiftSettings: strict),
    .testTarget(
      name: "ControlProtocolTests", dependencies: ["CTenantPlan", "ControlProtocol", "Faults", "Kernel"],
      swiftSettings: strict),
    .testTarget(name: "IOSensorTests", dependencies: ["CIOLatency", "Faults", "IOSensor"], swiftSettings: strict),
    .testTarget(
      name: "IOCalibrationTests", dependencies: ["Faults", "IOCalibration"], swiftSettings: strict),
    .testTarget(name: "IOQoSTests", dependencies: ["IOQoS"], swiftSettings: strict),
    .testTarget(
      name: "IOPlanningTests", dependencies: ["Faults", "IOCalibration", "IOPlanning", "IOQoS", "Policy"],
      swiftSettings: strict),
    .testTarget(name: "KernelTests", dependencies: ["Kernel", "Faults"], swiftSettings: strict),
    .testTarget(name: "PolicyTests", dependencies: ["Policy"], swiftSettings: strict),
    .testTarget(
      name: "PolicyToolsTests", dependencies: ["Faults", "Policy", "PolicyTools", "Sandbox"], swiftSettings: strict),
    .testTarget(name: "SandboxTests", dependencies: ["CTenantPlan", "Sandbox"], swiftSettings: strict),
    .testTarget(
      name: "IsolatedCoreTests",
      dependencies: [
        "CTenantPlan", "CgroupKit", "ControlProtocol", "Faults", "IOCalibration", "IOPlanning", "IOQoS", "IOSensor",
        "IsolatedCore", "Kernel", "Policy", "PolicyTools", "Sandbox", "isoctl",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOEmbedded", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"), .product(name: "Logging", package: "swift-log"),
      ],
      exclude: ["Scrape/status-sample.json"], swiftSettings: strict),
  ],
  cLanguageStandard: .c17
)
