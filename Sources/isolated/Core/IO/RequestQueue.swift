import CgroupKit
import Faults
import Glibc
import Kernel

/// The requests that the kernel keeps for a disk. Who finds none free waits where no counter shows it.
enum RequestQueue {
  /// How many there are at once: those of each hardware queue, or of the disk's IO scheduler where it has one. They change
  /// with that.
  ///
  /// Hardware queues that polling alone uses come last and serve processors that others serve already.
  ///
  /// Source: Documentation/ABI/stable/sysfs-block, nr_requests; block/blk-mq-sysfs.c, cpu_list.
  ///
  /// - Returns: nil where nothing bounds them: a disk that is made of others, such as a volume of LVM, passes IO on.
  /// - Throws: the system call's fault, for instance once the disk is gone; `io.unreadable-counters`.
  static func requests(of number: DeviceNumber, sysfs: String) throws(Fault) -> Int? {
    let directory = "\(sysfs)/\(number)/mq"
    let queues: [Int]
    do throws(Fault) {
      let names = try DirectoryListing.names(directory, message: "cannot list the disk's hardware queues")
      queues = names.compactMap { Int($0) }
    } catch let fault where fault.errno?.number == ENOENT {
      return nil
    }
    var served: Set<Int> = []
    var count = 0
    for queue in queues.sorted() {
      let list = try SmallFile.read("\(directory)/\(queue)/cpu_list", limit: 1 << 16)
      let processors = list.split { !$0.isNumber }.compactMap { Int($0) }
      if served.isSuperset(of: processors), count > 0 { break }
      served.formUnion(processors)
      count += 1
    }
    let path = "\(sysfs)/\(number)/queue/nr_requests"
    guard let each = Int(try SmallFile.read(path, limit: 64).prefix { $0 != "\n" }), each > 0 else {
      throw Fault(.unreadableDiskCounters, "the disk's number of requests is none", path: path)
    }
    let (all, overflow) = each.multipliedReportingOverflow(by: max(1, count))
    return overflow ? nil : all
  }
}
