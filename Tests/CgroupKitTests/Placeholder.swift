import Testing
@testable import CgroupKit
