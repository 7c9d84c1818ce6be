enum StatusPage {
  static let contentSecurityPolicy = ""
  static let html = ""
}
