import Faults
import IOSensor

/// Whether latencies are measured.
package enum IOSensorState: Sendable {
  /// The program is being loaded.
  case loading
  /// It counts.
  case measures(IOLatencySensor)
  /// It can't be loaded, and why.
  case missing(Fault)

  /// Why latencies are missing; nil where they aren't.
  var absence: String? {
    switch self {
    case .loading: "the sensor is being loaded"
    case .measures: nil
    case .missing(let fault): fault.message
    }
  }
}
