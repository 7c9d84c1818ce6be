extension MemoryStat {
  /// The keys of memory.stat, in the order in which kernels print them.
  ///
  /// Source: the kernel's Documentation/admin-guide/cgroup-v2.rst and mm/memcontrol.c.
  public enum Key: Int, Sendable, CaseIterable {
    /// anon: anonymous memory, in bytes.
    case anon
    /// file: page cache, tmpfs and shared memory included, in bytes.
    case file
    /// kernel: all kernel memory, in bytes.
    case kernel
    /// kernel_stack: kernel stacks, in bytes.
    case kernelStack
    /// pagetables: page tables, in bytes.
    case pagetables
    /// sec_pagetables: secondary page tables, of virtual machines, in bytes.
    case secPagetables
    /// percpu: per-CPU kernel structures, in bytes.
    case percpu
    /// sock: network buffers, in bytes.
    case sock
    /// vmalloc: memory of vmalloc, in bytes.
    case vmalloc
    /// shmem: swap-backed page cache: tmpfs and shared memory, in bytes.
    case shmem
    /// zswap: what compressed swap takes, in bytes.
    case zswap
    /// zswapped: what was put into compressed swap, in bytes.
    case zswapped
    /// file_mapped: page cache that is mapped, in bytes.
    case fileMapped
    /// file_dirty: page cache still to be written, in bytes.
    case fileDirty
    /// file_writeback: page cache being written, in bytes.
    case fileWriteback
    /// swapcached: memory that is also in swap, in bytes.
    case swapcached
    /// anon_thp: anonymous memory in transparent huge pages, in bytes.
    case anonThp
    /// file_thp: page cache in transparent huge pages, in bytes.
    case fileThp
    /// shmem_thp: tmpfs and shared memory in transparent huge pages, in bytes.
    case shmemThp
    /// inactive_anon: anonymous memory that is next to be reclaimed, in bytes.
    case inactiveAnon
    /// active_anon: anonymous memory in use, in bytes.
    case activeAnon
    /// inactive_file: page cache that is next to be reclaimed, in bytes.
    case inactiveFile
    /// active_file: page cache in use, in bytes.
    case activeFile
    /// unevictable: memory that can't be reclaimed, in bytes.
    case unevictable
    /// slab_reclaimable: kernel structures that can be reclaimed, in bytes.
    case slabReclaimable
    /// slab_unreclaimable: kernel structures that can't be reclaimed, in bytes.
    case slabUnreclaimable
    /// slab: kernel structures, in bytes.
    case slab
    /// workingset_refault_anon: anonymous pages that came back after they were evicted.
    case workingsetRefaultAnon
    /// workingset_refault_file: pages of files that came back after they were evicted.
    case workingsetRefaultFile
    /// workingset_activate_anon: anonymous pages that came back and were in use at once.
    case workingsetActivateAnon
    /// workingset_activate_file: pages of files that came back and were in use at once.
    case workingsetActivateFile
    /// workingset_restore_anon: anonymous pages that came back and had been in use when evicted.
    case workingsetRestoreAnon
    /// workingset_restore_file: pages of files that came back and had been in use when evicted.
    case workingsetRestoreFile
    /// workingset_nodereclaim: nodes of shadow entries that were reclaimed.
    case workingsetNodereclaim
    /// pgdemote_kswapd: pages demoted by kswapd.
    case pgdemoteKswapd
    /// pgdemote_direct: pages demoted by allocating processes.
    case pgdemoteDirect
    /// pgdemote_khugepaged: pages demoted by khugepaged.
    case pgdemoteKhugepaged
    /// pgdemote_proactive: pages demoted on request.
    case pgdemoteProactive
    /// pgpromote_success: pages promoted.
    case pgpromoteSuccess
    /// hugetlb: memory in huge pages, where it is counted as memory, in bytes.
    case hugetlb
    /// pgscan: pages scanned.
    case pgscan
    /// pgsteal: pages reclaimed.
    case pgsteal
    /// pgscan_kswapd: pages scanned by kswapd.
    case pgscanKswapd
    /// pgscan_direct: pages scanned by allocating processes.
    case pgscanDirect
    /// pgscan_khugepaged: pages scanned by khugepaged.
    case pgscanKhugepaged
    /// pgscan_proactive: pages scanned on request.
    case pgscanProactive
    /// pgsteal_kswapd: pages reclaimed by kswapd.
    case pgstealKswapd
    /// pgsteal_direct: pages reclaimed by allocating processes.
    case pgstealDirect
    /// pgsteal_khugepaged: pages reclaimed by khugepaged.
    case pgstealKhugepaged
    /// pgsteal_proactive: pages reclaimed on request.
    case pgstealProactive
    /// pgfault: page faults.
    case pgfault
    /// pgmajfault: page faults that needed a read.
    case pgmajfault
    /// pgrefill: active pages scanned.
    case pgrefill
    /// pgactivate: pages that became active.
    case pgactivate
    /// pgdeactivate: pages that became inactive.
    case pgdeactivate
    /// pglazyfree: pages whose freeing was put off.
    case pglazyfree
    /// pglazyfreed: such pages freed.
    case pglazyfreed
    /// swpin_zero: zero-filled pages read from swap without a read.
    case swpinZero
    /// swpout_zero: zero-filled pages swapped out without a write.
    case swpoutZero
    /// zswpin: pages read from compressed swap.
    case zswpin
    /// zswpout: pages put into compressed swap.
    case zswpout
    /// zswpwb: pages written from compressed swap to swap.
    case zswpwb
    /// zswap_incomp: pages in compressed swap that didn't shrink, in bytes.
    case zswapIncomp
    /// thp_fault_alloc: transparent huge pages allocated on a fault.
    case thpFaultAlloc
    /// thp_collapse_alloc: transparent huge pages made of small ones.
    case thpCollapseAlloc
    /// thp_swpout: transparent huge pages swapped out whole.
    case thpSwpout
    /// thp_swpout_fallback: transparent huge pages split to be swapped out.
    case thpSwpoutFallback
    /// numa_pages_migrated: pages migrated between nodes.
    case numaPagesMigrated
    /// numa_pte_updates: page table entries marked to find remote access.
    case numaPteUpdates
    /// numa_hint_faults: faults that told of remote access.
    case numaHintFaults
    /// numa_task_migrated: tasks migrated to their memory.
    case numaTaskMigrated
    /// numa_task_swapped: tasks that changed places.
    case numaTaskSwapped

    /// How many there are.
    static let count = Self.allCases.count

    /// The name that the kernel prints.
    public var name: StaticString {
      switch self {
      case .anon: "anon"
      case .file: "file"
      case .kernel: "kernel"
      case .kernelStack: "kernel_stack"
      case .pagetables: "pagetables"
      case .secPagetables: "sec_pagetables"
      case .percpu: "percpu"
      case .sock: "sock"
      case .vmalloc: "vmalloc"
      case .shmem: "shmem"
      case .zswap: "zswap"
      case .zswapped: "zswapped"
      case .fileMapped: "file_mapped"
      case .fileDirty: "file_dirty"
      case .fileWriteback: "file_writeback"
      case .swapcached: "swapcached"
      case .anonThp: "anon_thp"
      case .fileThp: "file_thp"
      case .shmemThp: "shmem_thp"
      case .inactiveAnon: "inactive_anon"
      case .activeAnon: "active_anon"
      case .inactiveFile: "inactive_file"
      case .activeFile: "active_file"
      case .unevictable: "unevictable"
      case .slabReclaimable: "slab_reclaimable"
      case .slabUnreclaimable: "slab_unreclaimable"
      case .slab: "slab"
      case .workingsetRefaultAnon: "workingset_refault_anon"
      case .workingsetRefaultFile: "workingset_refault_file"
      case .workingsetActivateAnon: "workingset_activate_anon"
      case .workingsetActivateFile: "workingset_activate_file"
      case .workingsetRestoreAnon: "workingset_restore_anon"
      case .workingsetRestoreFile: "workingset_restore_file"
      case .workingsetNodereclaim: "workingset_nodereclaim"
      case .pgdemoteKswapd: "pgdemote_kswapd"
      case .pgdemoteDirect: "pgdemote_direct"
      case .pgdemoteKhugepaged: "pgdemote_khugepaged"
      case .pgdemoteProactive: "pgdemote_proactive"
      case .pgpromoteSuccess: "pgpromote_success"
      case .hugetlb: "hugetlb"
      case .pgscan: "pgscan"
      case .pgsteal: "pgsteal"
      case .pgscanKswapd: "pgscan_kswapd"
      case .pgscanDirect: "pgscan_direct"
      case .pgscanKhugepaged: "pgscan_khugepaged"
      case .pgscanProactive: "pgscan_proactive"
      case .pgstealKswapd: "pgsteal_kswapd"
      case .pgstealDirect: "pgsteal_direct"
      case .pgstealKhugepaged: "pgsteal_khugepaged"
      case .pgstealProactive: "pgsteal_proactive"
      case .pgfault: "pgfault"
      case .pgmajfault: "pgmajfault"
      case .pgrefill: "pgrefill"
      case .pgactivate: "pgactivate"
      case .pgdeactivate: "pgdeactivate"
      case .pglazyfree: "pglazyfree"
      case .pglazyfreed: "pglazyfreed"
      case .swpinZero: "swpin_zero"
      case .swpoutZero: "swpout_zero"
      case .zswpin: "zswpin"
      case .zswpout: "zswpout"
      case .zswpwb: "zswpwb"
      case .zswapIncomp: "zswap_incomp"
      case .thpFaultAlloc: "thp_fault_alloc"
      case .thpCollapseAlloc: "thp_collapse_alloc"
      case .thpSwpout: "thp_swpout"
      case .thpSwpoutFallback: "thp_swpout_fallback"
      case .numaPagesMigrated: "numa_pages_migrated"
      case .numaPteUpdates: "numa_pte_updates"
      case .numaHintFaults: "numa_hint_faults"
      case .numaTaskMigrated: "numa_task_migrated"
      case .numaTaskSwapped: "numa_task_swapped"
      }
    }
  }
}
