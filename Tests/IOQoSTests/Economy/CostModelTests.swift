import Faults
import IOQoS
import Testing

@Suite struct CostModelTests {
  private static let ssd =
    "ctrl=user model=linear rbps=488636629 rseqiops=8932 rrandiops=8518 wbps=427891549 wseqiops=28755 wrandiops=21940"

  @Test func theKernelsTextGoesThereAndBack() throws {
    let model = try KernelCostModel(parsing: Self.ssd + "\n")
    #expect(model.text == Self.ssd)
    #expect(model.coefficients.write.randomOperations == 21940)
  }

  @Test func pricesAreThoseOfTheKernelsArithmetic() throws {
    let prices = try KernelCostModel(parsing: Self.ssd).costModel.prices
    // By hand: 2^37 units a second; 119297 pages a second make 1152074 units a page, both rounded up.
    let unit = 1e9 / 137_438_953_472
    #expect(prices.read.perPage == 1_152_074 * unit)
    #expect(abs(prices.read.randomBase + prices.read.perPage - 1e9 / 8518) < 2 * unit)
    #expect(abs(prices.write.sequentialBase + prices.write.perPage - 1e9 / 28755) < 2 * unit)
  }

  @Test func aBaseThatThePagePaysForAlreadyIsFree() {
    let slow = KernelCostModel.Coefficients(bytes: 4096, sequentialOperations: 10, randomOperations: 0)
    let prices = KernelCostModel(read: slow, write: slow).costModel.prices.read
    #expect(prices == CostModel.Prices(randomBase: 0, sequentialBase: 0, perPage: 1e9))
  }

  @Test func modelsSurviveTheKernelsRounding() {
    for seed in seeds {
      var scenario = RandomScenario(seed: seed)
      func rate(_ range: ClosedRange<Int>) -> UInt64 { UInt64(scenario.count(range)) }
      let one = KernelCostModel.Coefficients(
        bytes: rate(1_000_000...4_000_000_000), sequentialOperations: rate(50...500_000),
        randomOperations: rate(50...500_000))
      let model = KernelCostModel(read: one, write: one).costModel
      let again = KernelCostModel(model).costModel
      for (left, right) in [
        (model.prices.read.perPage, again.prices.read.perPage),
        (
          model.prices.read.perPage + model.prices.read.randomBase,
          again.prices.read.perPage + again.prices.read.randomBase
        ),
      ] where abs(left - right) > 1e-4 * left + 0.1 && model.prices.read.randomBase > 0 {
        // A rate of whole operations or pages in a second is the resolution.
        let resolution = left * left / 1e9
        #expect(abs(left - right) <= resolution + 0.1, "seed \(seed)")
      }
    }
  }

  @Test(arguments: [
    "", "ctrl=user", "model=linear", "ctrl=user model=linear rbps=1", ssd + " rbps=1", ssd + " x=1", ssd + " noise",
    "ctrl=maybe " + ssd.dropFirst(10), ssd + "0000000000000000", "ctrl=user " + ssd,
    ssd.replacing("rbps=", with: "rbps=-"), ssd.replacing("rbps=", with: "rbps=+"), ssd + "=", "=",
  ])
  func textsThatAreNoCostModelAreRefused(_ text: String) {
    #expect {
      _ = try KernelCostModel(parsing: text)
    } throws: {
      ($0 as? Fault)?.code == .ioCostModelMalformed
    }
  }

  @Test func randomBytesAreReadOrRefused() {
    for seed in seeds {
      var scenario = RandomScenario(seed: seed)
      var bytes = Array(Self.ssd.utf8)
      for _ in 0..<scenario.count(1...6) {
        bytes[scenario.count(0...bytes.count - 1)] = UInt8(truncatingIfNeeded: scenario.next())
      }
      do {
        let model = try KernelCostModel(parsing: String(decoding: bytes, as: UTF8.self))
        #expect(try KernelCostModel(parsing: model.text) == model, "seed \(seed)")
      } catch { #expect(error.code == .ioCostModelMalformed, "seed \(seed)") }
    }
  }

  @Test func absurdCoefficientsTrapNowhere() {
    let edges: [UInt64] = [0, 1, 2, 4095, 4096, 1 << 37, (1 << 37) + 1, 1 << 63, .max - 4095, .max - 1, .max]
    for bytes in edges {
      for operations in edges {
        let one = KernelCostModel.Coefficients(
          bytes: bytes, sequentialOperations: operations, randomOperations: operations)
        let model = KernelCostModel(read: one, write: one).costModel
        #expect(model.prices.read.perPage.isFinite && model.prices.read.randomBase >= 0)
        #expect(!KernelCostModel(model).text.isEmpty)
      }
    }
  }

  @Test func hostilePricesAndWorkGiveFiniteCosts() {
    for seed in seeds {
      var scenario = RandomScenario(seed: seed)
      func prices() -> CostModel.Prices {
        .init(randomBase: scenario.hostile(), sequentialBase: scenario.hostile(), perPage: scenario.hostile())
      }
      let model = CostModel(read: prices(), write: prices()).atSpeed(scenario.hostile())
      let work = Work(operations: scenario.hostile(), bytes: scenario.hostile())
      let cost = model.cost(of: work, .write, sequentialShare: scenario.hostile())
      #expect(cost >= 0 && cost.isFinite, "seed \(seed)")
      #expect(!KernelCostModel(model).text.isEmpty)
      let rates = PromisedRates(
        read: .init(operations: scenario.hostile(), bytes: scenario.hostile()),
        together: .init(bytes: scenario.hostile()))
      let promise = Promise(tenant: "t", reservation: rates, reservedShare: scenario.hostile(), limit: rates)
      let reserved = promise.reservedTime(by: model)
      #expect(reserved >= 0 && reserved <= 1e18, "seed \(seed)")
      let mix = IOMix(
        readShare: scenario.hostile(), size: PerDirection(read: scenario.hostile(), write: scenario.hostile()))
      if let limited = promise.limitedTime(by: model, mix: mix) {
        #expect(limited >= 0 && limited.isFinite, "seed \(seed)")
      }
    }
  }

  private static let disk = CostModel(
    read: .init(randomBase: 99, sequentialBase: 9, perPage: 1),
    write: .init(randomBase: 198, sequentialBase: 9, perPage: 2))

  @Test func twoCapsCostTheLargerOfBoth() {
    let volume = CostModel(operationsCap: 800, bytesCap: 41_943_040)
    #expect(volume.cost(of: Work(operations: 800, bytes: 800 * 4096), .read) == 1e9)
    #expect(volume.cost(of: Work(operations: 40, bytes: 41_943_040), .write).rounded() == 1e9)
    #expect(volume.cost(of: Work(operations: 640, bytes: 41_943_040), .write).rounded() == 1e9)
    #expect(volume.atSpeed(0.5).cost(of: Work(operations: 400, bytes: 0), .read) == 1e9)
    let nothing = CostModel(operationsCap: 0, bytesCap: .nan).cost(of: Work(operations: 1e30, bytes: .nan), .read)
    #expect(nothing.isFinite)
  }

  @Test func anOperationMovesAPageAtLeast() {
    #expect(Self.disk.cost(of: Work(operations: 10, bytes: 5120), .read) == 1000)
    #expect(Self.disk.cost(of: Work(operations: 10, bytes: 819_200), .read, sequentialShare: 0.5) == 740)
  }

  @Test func reservationsCostWhatTheirAssumedSizesDo() {
    let disk = Self.disk
    #expect(disk.cost(reserving: PromisedRates(read: .init(operations: 5))) == 500)
    #expect(disk.cost(reserving: PromisedRates(read: .init(bytes: 1_310_720))) == 10 * (99 + 32))
    #expect(disk.cost(reserving: PromisedRates(read: .init(operations: 5, bytes: 40_960))) == 5 * 99 + 10)
    #expect(disk.cost(reserving: PromisedRates(together: .init(operations: 5))) == 1000)
    #expect(disk.cost(reserving: PromisedRates(read: .init(operations: 5), write: .init(operations: 5))) == 1500)
  }

  @Test func aLimitTakesTheDeviceTimeOfTheTenantsOwnMix() {
    let mix = IOMix(readShare: 0.5, size: PerDirection(read: 4096, write: 8192))
    func time(_ limit: PromisedRates) -> Double? {
      Promise(tenant: "t", limit: limit).limitedTime(by: Self.disk, mix: mix)
    }
    // An operation of the mix costs (100 + 202) / 2 and moves 6144 bytes.
    #expect(time(.none) == nil)
    #expect(time(PromisedRates(read: .init(operations: 10))) == 3020.0)
    #expect(time(PromisedRates(write: .init(bytes: 40_960))) == 1510.0)
    #expect(time(PromisedRates(read: .init(operations: 10), together: .init(bytes: 61_440))) == 1510.0)
  }
}
