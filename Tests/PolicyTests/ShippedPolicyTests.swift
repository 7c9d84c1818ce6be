import Testing

@testable import Policy

@Suite struct ShippedPolicyTests {
  @Test func everyShippedPolicyParsesAndIsNamedAsItsFile() throws {
    let files = try repositoryFiles(in: "policies", suffix: ".yaml")
    #expect(
      files
        == ["cache", "database", "python-app", "untrusted-code", "web-role", "worker-role"].map {
          "\($0).yaml"
        })
    let schema = try JSONSchema(repositoryFile("policies/tenant-policy.schema.json"))
    for file in files {
      let text = try repositoryFile("policies/\(file)")
      let policy = try parsed(text)
      #expect("\(policy.tenant).yaml" == file)
      let node = try DocumentReader.read(DocumentText(text.utf8, file: file, domain: "policy"))
      #expect(try schema.violations(JSONValue(node)) == [], "\(file)")
    }
  }

  @Test func noShippedPolicyRunsAsRootOrKeepsACapability() throws {
    for file in try repositoryFiles(in: "policies", suffix: ".yaml") {
      let policy = try parsed(repositoryFile("policies/\(file)"))
      #expect(policy.identity.user.value != .id(0) && policy.identity.user.value != .name("root"), "\(file)")
      #expect(policy.capabilities.isEmpty && policy.namespaces.userNamespaces.value == 0, "\(file)")
      #expect(
        policy.enforcement == .strict && policy.allow.groups.isEmpty && policy.allow.users.isEmpty, "\(file)")
    }
  }
}
