/// Answers all who ask at the same time with one run. At most one runs and one waits, however many ask; each gets a run
/// that began after he asked.
actor SharedRun<Value: Sendable> {
  private var running: Task<Value, Never>?
  private var next: Task<Value, Never>?

  /// What a run returns that begins from now on.
  func value(_ body: @escaping @Sendable () async -> Value) async -> Value {
    if let next { return await next.value }
    let before = running
    let task = Task {
      _ = await before?.value
      begins()
      return await body()
    }
    next = task
    return await task.value
  }

  private func begins() {
    running = next
    next = nil
  }
}
