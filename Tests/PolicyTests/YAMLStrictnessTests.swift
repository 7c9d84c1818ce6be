import Faults
import Glibc
import Testing

@testable import Policy

@Suite struct YAMLStrictnessTests {
  @Test func anUnknownKeyIsMetWithTheLikelyName() {
    #expect(
      refusals("tenant: web\ncommand: [/bin/true]\nmemry: {max: 1GiB}\nmemory: {max: 1GiB}\n") == [
        "p.yaml:3:1: unknown key \"memry\"; did you mean \"memory\"?"
      ])
  }

  @Test func aKeyInTheWrongMappingIsSentHome() {
    #expect(
      refusals(minimal("oom_group: true")) == [
        "p.yaml:4:1: unknown key \"oom_group\"; it belongs in \"memory\""
      ])
    #expect(
      refusals(minimal("cpu: {tenant: x}")) == [
        "p.yaml:4:7: unknown key \"tenant\" in \"cpu\"; it belongs in the top level"
      ])
  }

  @Test func everyDuplicateKeyIsToldWithBothPlaces() {
    let text = """
      tenant: web
      "tenant": other
      command: [/bin/true]
      memory:
        max: 1GiB
        'max': 2GiB
        max: 3GiB
      """
    #expect(
      refusals(text) == [
        "p.yaml:2:1: duplicate key \"tenant\", first given on line 1; keep one of them",
        "p.yaml:6:3: duplicate key \"max\", first given on line 5; keep one of them",
        "p.yaml:7:3: duplicate key \"max\", first given on line 5; keep one of them",
      ])
  }

  @Test(arguments: [
    "\"\\x74enant\": a\ntenant: b", "? tenant\n: 1\n? tenant\n: 2", "\"\": 1\n'': 2", "~: 1\n~: 2",
  ])
  func aDuplicateKeyInAnOddSpellingIsStillOne(text: String) {
    #expect(faults(text).contains { $0.code == "policy.duplicate-key" })
  }

  @Test func aKeyThatIsAMappingIsRefusedEachTime() {
    #expect(places("? {a: 1}\n: 1\n? {a: 1}\n: 2") == ["policy.wrong-type 1:3", "policy.wrong-type 3:3"])
  }

  @Test func aThousandDuplicateKeysAreCountedNotListed() {
    let all = faults((0..<1000).map { "k\($0 % 500): 1" }.joined(separator: "\n"))
    #expect(all.count == 100)
    #expect(all.allSatisfy { $0.code == "policy.duplicate-key" })
    #expect(all.last?.mend == "400 further faults are left out")
  }

  @Test func theKeyOnIsAKeyAndNoBoolean() throws {
    #expect(try parsed(minimal("restart: {on: never}")).restart.condition.value == .never)
    #expect(try parsed(minimal("restart:\n  on: never")).restart.condition.value == .never)
  }

  @Test(arguments: [
    ("description: yes", "policy.implicit-boolean 4:14"), ("description: On", "policy.implicit-boolean 4:14"),
    ("cpu: {idle: yes}", "policy.implicit-boolean 4:13"),
    ("cpu: {idle: True}", "policy.implicit-boolean 4:13"),
    ("cpu: {idle: \"true\"}", "policy.wrong-type 4:13"), ("umask: 0022", "policy.implicit-number 4:8"),
    ("umask: 18", "policy.implicit-number 4:8"), ("pids: {max: 0100}", "policy.implicit-number 4:13"),
    ("pids: {max: 1_000}", "policy.implicit-number 4:13"),
    ("pids: {max: 0x40}", "policy.implicit-number 4:13"),
    ("pids: {max: 1:30}", "policy.implicit-number 4:13"), ("pids: {max: 1e3}", "policy.implicit-number 4:13"),
    ("pids: {max: .inf}", "policy.implicit-number 4:13"),
    ("pids: {max: 64.0}", "policy.implicit-number 4:13"),
    ("pids: {max: \"64\"}", "policy.wrong-type 4:13"), ("pids: {max: -64}", "policy.out-of-range 4:13"),
    ("pids: {max: }", "policy.wrong-type 4:13"), ("pids:", "policy.wrong-type 4:6"),
    ("pids: 64", "policy.wrong-type 4:7"), ("capabilities: CAP_CHOWN", "policy.wrong-type 4:15"),
    ("cpu: []", "policy.wrong-type 4:6"), ("hostname: 1.5", "policy.implicit-number 4:11"),
    ("hostname: 2001-12-14", "policy.wrong-type 4:11"), ("description: ~", "policy.wrong-type 4:14"),
    ("description: [a]", "policy.wrong-type 4:14"), ("description: 5", "policy.wrong-type 4:14"),
    ("environment: {ON: x}", "policy.implicit-boolean 4:15"),
    ("environment: {PORT: 8080}", "policy.wrong-type 4:21"),
  ])
  func aValueThatReadersTakeDifferentlyIsRefusedWhereItStands(line: String, place: String) {
    #expect(places(minimal(line)) == [place])
  }

  @Test(arguments: [
    ("description: &a text", "policy.anchor 4:14"), ("description: *a", "policy.anchor 4:14"),
    ("environment: {<<: {A: b}}", "policy.anchor 4:15"), ("&a description: text", "policy.anchor 4:1"),
    ("description: !!str text", "policy.tag 4:14"), ("description: ! text", "policy.tag 4:14"),
    ("description: ! 'text'", "policy.tag 4:14"), ("description: !", "policy.tag 4:14"),
    ("groups: ! [a]", "policy.tag 4:9"), ("! description: text", "policy.tag 4:1"),
    ("description: !<x> text", "policy.tag 4:14"), ("environment: !!map {A: b}", "policy.tag 4:14"),
    ("groups: !!seq [a]", "policy.tag 4:9"), ("? [a]\n: b", "policy.wrong-type 4:3"),
    ("--- \ntenant: b", "policy.multiple-documents 4:1"),
  ])
  func partsOfYAMLThatHideTheMeaningAreRefused(line: String, place: String) {
    #expect(places(minimal(line)) == [place])
  }

  @Test func anAnchoredListIsToldAndSoIsItsAlias() {
    let text = minimal("groups: &g [a, b]", "capabilities: *g")
    #expect(places(text) == ["policy.anchor 4:9", "policy.anchor 5:15"])
  }

  @Test(arguments: ["*.txt", "*", "**", "[*a*b]", "*: x"])
  func anAsteriskBeforeNoNameIsMetWithTheQuotes(value: String) {
    let all = faults(minimal("description: " + value))
    #expect(all.map(\.code) == ["policy.anchor"])
    #expect(all.first?.position?.line == 4)
    #expect(all.first?.mend == "write the value out, or quote a text that starts with an asterisk")
  }

  @Test func anAliasThatStartsABrokenMappingIsToldOnce() {
    #expect(places("*a : x\nb\n") == ["policy.anchor 1:1", "policy.syntax 3:1"])
  }

  @Test func whatBelongsToARefusedKeyIsPassedOver() {
    let text = minimal("environment:", "  <<: [&a {b: !c d, b: e}, *a]", "  ? [&x [y], {z: *x}]", "  : {&k k: *k}")
    #expect(places(text) == ["policy.anchor 5:3", "policy.wrong-type 6:5"])
  }

  @Test func faultsBeforeTextThatIsNotYAMLAreToldToo() {
    #expect(
      places("a: &x 1\nb: !y 2\na: *x\nc: d: e") == [
        "policy.anchor 1:4", "policy.tag 2:4", "policy.duplicate-key 3:1", "policy.syntax 4:5",
      ])
  }

  @Test func anEscapeMayYieldAnyCharacter() throws {
    let policy = try parsed(minimal("description: \"\\uF8FF\\uE000*\\U0001F600\""))
    #expect(policy.description == "\u{F8FF}\u{E000}*\u{1F600}")
  }

  @Test func anAliasBombIsRefusedWithoutGrowing() {
    var text = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for (previous, next) in zip("abcdefghijkl", "bcdefghijklm") {
      let alias = "*\(previous)"
      text += "\(next): &\(next) [\(Array(repeating: alias, count: 9).joined(separator: ", "))]\n"
    }
    text += "? *m\n: 1\n? [*m, *m]\n: 2\n"
    #expect(faults(text).contains { $0.code == "policy.anchor" })
  }

  @Test func anAsteriskWithinATextStays() throws {
    let policy = try parsed(
      minimal(
        "description: a *b* c", "environment: {GLOB: \"*.txt\", Q: '*', B: \"a\\t*\"}", "directory: /srv/a*b")
    )
    #expect(policy.description == "a *b* c")
    #expect(policy.environment["GLOB"]?.value == "*.txt")
    #expect(policy.environment["Q"]?.value == "*")
    #expect(policy.environment["B"]?.value == "a\t*")
    #expect(policy.directory.value == "/srv/a*b")
  }

  @Test func aScriptInABlockScalarIsText() throws {
    let policy = try parsed(
      """
      tenant: job
      command:
        - sh
        - -c
        - |
          # yes: &a *b
          echo 0755
      memory: {max: 8MiB}
      """)
    #expect(policy.command.value == ["sh", "-c", "# yes: &a *b\necho 0755\n"])
  }

  @Test(arguments: [
    ("tenant: [", 1), ("tenant: \"a", 1), ("a: b: c", 1), ("tenant: web\n\tcommand: x", 2), ("- a\nb: c", 2),
    ("tenant: @x", 1), ("%YAML 9.9\n---\na: b", 1), ("tenant: {a", 1), ("tenant: \"\\q\"", 1), ("}", 1),
  ])
  func textThatIsNotYAMLIsRefusedOnItsLine(text: String, line: Int) {
    let all = faults(text)
    #expect(all.map(\.code) == ["policy.syntax"])
    #expect((line...line + 1).contains(all.first?.position?.line ?? 0))
  }

  @Test(arguments: ["", "\n\n", "# nothing\n", "---\n", "\u{FEFF}"])
  func anEmptyDocumentIsNoPolicy(text: String) {
    #expect(["policy.empty", "policy.wrong-type"].contains(faults(text).first?.code.rawValue))
  }

  @Test func aByteOrderMarkIsNoPartOfTheText() throws {
    #expect(try parsed("\u{FEFF}" + minimal()).tenant.value.text == "web")
    #expect(places("\u{FEFF}tenant: 5\ncommand: [a]\nmemory: {max: 1GiB}") == ["policy.wrong-type 1:9"])
  }

  @Test func carriageReturnsEndLinesToo() {
    let text = "tenant: web\r\ncommand: [/bin/true]\r\nmemory: {max: 1GiB}\r\npids: {max: 1}\r\n"
    #expect(places(text) == ["policy.out-of-range 4:13"])
  }

  @Test(arguments: [
    ("a: \u{0}", 4), ("a: é\u{7}", 5), ("a: \u{7F}", 4), ("a: \u{202E}x", 4), ("a: \u{2028}", 4),
    ("a: \u{F8FF}", 4), ("a: \u{E000}", 4), ("a: x\u{FEFF}", 5), ("a: \u{200B}", 4), ("a: \u{85}", 4),
  ])
  func aCharacterThatNoEditorShowsIsRefused(text: String, column: Int) {
    #expect(places("b: 1\n" + text) == ["policy.encoding 2:\(column)"])
  }

  @Test func bytesThatAreNotUTF8AreRefusedWhereTheyStand() {
    for bytes: [UInt8] in [
      [0xFF], [0xC3], [0xE2, 0x82], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80],
    ] {
      #expect {
        try PolicyDocument.parse(bytes: Array("a: b\nc: é".utf8) + bytes, file: "p.yaml")
      } throws: { error in
        guard let fault = (error as? PolicyErrors)?.faults.first else { return false }
        return fault.code == "policy.encoding"
          && fault.position == Fault.Position(file: "p.yaml", line: 2, column: 5)
      }
    }
  }

  @Test func aNULFromAnEscapeIsRefused() {
    #expect(places(minimal("description: \"a\\0b\"")) == ["policy.encoding 4:14"])
  }

  @Test func anOverlongDocumentIsRefusedUnread() {
    let text = minimal("description: " + String(repeating: "x", count: 1 << 16))
    #expect(places(text) == ["policy.too-long 1:1"])
  }

  @Test(arguments: ["[", "{a: ", "- ", "? ", "{? ", "[{"])
  func deepNestingIsRefusedWithoutATrap(opener: String) {
    for depth in [17, 200, 999, 1001, 20_000] {
      let text = String(repeating: opener, count: depth)
      guard text.utf8.count <= 1 << 16 else { continue }
      #expect(!faults(text).isEmpty)
    }
    #expect(!faults(String(repeating: "[", count: 900) + String(repeating: "]", count: 900)).isEmpty)
    let mappings = String(repeating: "{a: ", count: 900) + "1" + String(repeating: "}", count: 900)
    #expect(faults(mappings).first?.code == "policy.too-deep")
  }

  @Test func theDeepestNestingThatIsReadFitsASmallStack() throws {
    var attributes = pthread_attr_t()
    #expect(pthread_attr_init(&attributes) == 0)
    // What glibc gives a thread where the stack's size is unlimited.
    #expect(pthread_attr_setstacksize(&attributes, 2 << 20) == 0)
    var thread = pthread_t()
    let started = pthread_create(
      &thread, &attributes,
      { _ in
        var text = ""
        for column in stride(from: 0, to: 78, by: 2) {
          let indentation = String(repeating: " ", count: column)
          text += "\(indentation)?\n\(indentation) -\n"
        }
        text += String(repeating: " ", count: 79)
        text += String(repeating: "[a: ", count: 64) + String(repeating: "]", count: 64)
        #expect(faults(text).first?.message == "a key must be a plain word")
        return nil
      }, nil)
    try #require(started == 0)
    #expect(pthread_join(thread, nil) == 0)
  }

  @Test(arguments: [
    String(repeating: "[# ]\n", count: 70), String(repeating: "[\n\"]\",", count: 70),
    String(repeating: "[']', ", count: 70), String(repeating: "[a'b, ']', ", count: 70),
    String(repeating: "[a'b,'] c', ", count: 70), String(repeating: "{ # }\n", count: 70),
    String(repeating: "[\"\\\"]\", ", count: 70), String(repeating: "[!x] ,", count: 70),
    String(repeating: "[\n", count: 65) + String(repeating: "]", count: 65),
    String(repeating: "- ", count: 60),
    String(repeating: "? ", count: 60), String(repeating: " ", count: 81) + "- a",
  ])
  func bracketsThatHideTheirEndDontHideTheirDepth(text: String) {
    #expect(faults(text).map(\.code) == ["policy.too-deep"])
  }

  @Test(arguments: [
    "if [ -f ${A} ]; then echo {a,[b]}; fi", "test \"$x\" = '[]' || [ \"$y\" = \"a b\" ]", "[ '' = \"\" ]",
    "it's",
  ])
  func manyBracketsSideBySideAreNoDepth(line: String) throws {
    let script = String(repeating: "      \(line)\n", count: 300)
    let text = "tenant: a\nmemory: {max: 1GiB}\ncommand:\n  - sh\n  - -c\n  - |\n" + script
    #expect(try parsed(text).command.value.count == 3)
  }

  @Test func manyCollectionsOverLinesAreNoDepth() throws {
    let paths = (0..<200).map { "    {path: /a\($0), size: 1MiB,\n      mode: \"0755\"}" }.joined(
      separator: ",\n")
    #expect(try parsed(minimal("root:", "  tmpfs: [", paths, "  ]")).root.temporary.count == 202)
  }

  @Test func keysThatAreDeepMappingsEndInAnAnswer() {
    let wide = "[" + String(repeating: "a,", count: 20_000) + "]"
    let text = String(repeating: "{? ", count: 60) + wide + String(repeating: ": 1}", count: 60)
    #expect(!faults(text).isEmpty)
  }

  @Test func everyFaultIsToldInTheOrderOfTheText() {
    let text = """
      tenant: Web
      comand: [/bin/true]
      cpu: {weight: 0, max: 150}
      memory: {max: 512, swap: lots}
      """
    #expect(
      places(text) == [
        "policy.missing-key 1:1", "policy.invalid-value 1:9", "policy.unknown-key 2:1",
        "policy.out-of-range 3:15",
        "policy.invalid-value 3:23", "policy.invalid-value 4:15", "policy.invalid-value 4:26",
      ])
  }

  @Test func aThousandFaultsAreCountedNotListed() {
    let text = minimal("capabilities: [" + (0..<1000).map { "X\($0)" }.joined(separator: ", ") + "]")
    let all = faults(text)
    #expect(all.count == 100)
    #expect(all.contains { $0.mend == "900 further faults are left out" })
  }

  @Test func columnsCountCharactersNotBytes() {
    #expect(places(minimal("environment: {A: \"äöü€\", B: 7}")) == ["policy.wrong-type 4:29"])
  }
}
