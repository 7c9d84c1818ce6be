import Testing
@testable import ControlProtocol
