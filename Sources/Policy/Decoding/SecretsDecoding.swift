import Faults

extension DocumentDecoder {
  /// `secrets`.
  func secretsPolicy(_ top: StrictMapping) -> SecretsPolicy {
    guard let node = top["secrets"] else { return .files([]) }
    if case .scalar = node.content { return absolutePath(node).map { .directory($0) } ?? .files([]) }
    var names: Set<String> = []
    return .files(
      (list(node) ?? []).compactMap { item in
        guard let file = secretFile(item) else { return nil }
        if !names.insert(file.name.value).inserted {
          report(
            .conflict, "the secret \(file.name) is given more than once", at: file.name.position,
            mend: "give one of them another name")
        }
        return file
      })
  }

  private func secretFile(_ node: DocumentNode) -> SecretsPolicy.SecretFile? {
    if case .scalar = node.content {
      guard let source = absolutePath(node), let name = secretName(source.map(Self.lastComponent)) else { return nil }
      return SecretsPolicy.SecretFile(name: name, source: source, owner: nil, mode: 0o400)
    }
    guard let mapping = mapping(node, path: "secrets[]") else { return nil }
    let source = required("source", in: mapping).flatMap { absolutePath($0) }
    let given = mapping["name"].map { string($0) }
    let owner = mapping["owner"].flatMap { principal($0, highest: 65535) }
    let mode = mapping["mode"].flatMap { octalMode($0, highest: 0o777, example: "0400") }
    guard let source, let name = given ?? source.map(Self.lastComponent), let checked = secretName(name) else {
      return nil
    }
    return SecretsPolicy.SecretFile(name: checked, source: source, owner: owner, mode: mode ?? 0o400)
  }

  private static func lastComponent(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// A file's name that no program takes for something else.
  private func secretName(_ name: Positioned<String>) -> Positioned<String>? {
    let bytes = name.value.utf8
    let valid =
      (1...255).contains(bytes.count) && bytes.first != 46 && bytes.first != 45
      && bytes.allSatisfy { $0.isLetterOrDigit || [45, 46, 95].contains($0) }
    guard valid else {
      report(
        .invalidValue, "\"\(name.value.shortened)\" can't name a secret", at: name.position,
        mend: "give it a name of letters, digits, '.', '_' and '-' that starts with none of '.' and '-'")
      return nil
    }
    return name
  }
}
