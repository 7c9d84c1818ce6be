import Testing

@testable import Policy

@Suite struct PlainScalarTests {
  @Test(arguments: ["yes", "No", "ON", "off", "y", "N", "True", "FALSE"])
  func wordsThatAreBooleansToSomeReadersAreToldApart(text: String) {
    #expect(PlainScalar(text) == .implicitBoolean)
  }

  @Test(arguments: [
    "0755", "-0", "00", "+5", "1_000", "0x1F", "0b11", "0o17", "1:30", "190:20:30.15", "1e3", "1.5", "1E-3",
    ".inf",
    "-.INF", ".nan", ".5", "5.", "-1_0", "08", "1.5e+10",
  ])
  func spellingsThatReadersDisagreeOnAreOddNumbers(text: String) {
    #expect(PlainScalar(text) == .oddNumber)
  }

  @Test(arguments: ["0", "7", "-7", "1000", "99999999999999999999999"])
  func decimalDigitsAreAnInteger(text: String) {
    #expect(PlainScalar(text) == .integer)
  }

  @Test(arguments: [
    "web", "0-1", "1.2.3", "127.0.0.1", "20ms", "150%", "1s..30s", "0xZZ", "on-failure", "-", "-g", ".", "..",
    "+",
    "1e", "_", "e3", "1:300", "10:", ":10", "2001-12", "12-01-2001", "0,2", "::1",
  ])
  func anythingElseIsText(text: String) {
    #expect(PlainScalar(text) == .text)
  }

  @Test(arguments: ["2001-12-14", "2001-1-1", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43"])
  func datesAreTimestamps(text: String) {
    #expect(PlainScalar(text) == .timestamp)
  }

  @Test(arguments: ["", "~", "null", "NULL"])
  func nothingIsNull(text: String) {
    #expect(PlainScalar(text) == .null)
  }
}
