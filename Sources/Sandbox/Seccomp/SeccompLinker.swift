import Faults

/// Joins filters into one program by turning two reserved return values into jumps.
enum SeccompLinker {
  /// A filter and its place.
  struct Segment {
    var program: [BPFInstruction]
    /// Whether it is the first of its architecture.
    var startsArchitecture: Bool
  }

  // SECCOMP_RET_TRACE with data of our own: no policy can use that action, since a tenant's filter has no tracer.
  /// Stands for "go on with the next layer".
  static let nextLayer: UInt32 = 0x7FF0_FFF1
  /// Stands for "not this architecture".
  static let nextArchitecture: UInt32 = 0x7FF0_FFF2

  /// Joins the segments in order; a call of no architecture gets `foreign`.
  static func link(_ segments: [Segment], foreign: SeccompAction) throws(Fault) -> [BPFInstruction] {
    var starts: [Int] = []
    var length = 0
    for segment in segments {
      starts.append(length)
      length += segment.program.count
    }
    guard length <= BPFInstruction.maximumCount else {
      throw Fault(
        .seccompCompilationFailed,
        "the filter has \(length) instructions, and the kernel takes \(BPFInstruction.maximumCount)",
        mend: "use fewer argument conditions or architectures")
    }
    var joined: [BPFInstruction] = []
    joined.reserveCapacity(length)
    for (index, segment) in segments.enumerated() {
      let following = index + 1
      let layer =
        following < segments.count && !segments[following].startsArchitecture ? starts[following] : nil
      let architecture = segments.indices.first { $0 > index && segments[$0].startsArchitecture }.map {
        starts[$0]
      }
      for instruction in segment.program {
        var linked = instruction
        if instruction.code == BPFInstruction.returnConstant {
          if instruction.constant == nextLayer {
            guard let layer else { throw Fault(.internalError, "a filter's last layer passes a call on") }
            linked = jump(from: joined.count, to: layer)
          } else if instruction.constant == nextArchitecture {
            linked = architecture.map { jump(from: joined.count, to: $0) } ?? instruction
            if architecture == nil { linked.constant = foreign.returnValue }
          }
        }
        joined.append(linked)
      }
    }
    return joined
  }

  /// The target is in a later segment, so the distance isn't negative.
  private static func jump(from index: Int, to target: Int) -> BPFInstruction {
    BPFInstruction(code: BPFInstruction.jumpAlways, constant: UInt32(target - index - 1))
  }
}
