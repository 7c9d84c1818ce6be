/// Texts of kernel files, as Linux 6.12 and 6.18 print them.
enum Samples {
  static let memoryStat = """
    anon 1236992
    file 405504
    kernel 397312
    kernel_stack 49152
    pagetables 131072
    sec_pagetables 0
    percpu 2112
    sock 0
    vmalloc 0
    shmem 0
    zswap 0
    zswapped 0
    file_mapped 0
    file_dirty 405504
    file_writeback 0
    swapcached 0
    anon_thp 0
    file_thp 0
    shmem_thp 0
    inactive_anon 1208320
    active_anon 0
    inactive_file 405504
    active_file 0
    unevictable 0
    slab_reclaimable 104936
    slab_unreclaimable 73872
    slab 178808
    workingset_refault_anon 0
    workingset_refault_file 0
    pgscan 0
    pgsteal 0
    pgfault 1894
    pgmajfault 0
    pgrefill 0
    pgactivate 0
    pgdeactivate 0
    thp_fault_alloc 0
    thp_swpout_fallback 0
    numa_pages_migrated 0
    a_key_of_tomorrow 18446744073709551615

    """

  static let ioStat = """
    259:0 rbytes=1459200 wbytes=314773504 rios=192 wios=353 dbytes=0 dios=0
    8:16 rbytes=90430464 wbytes=299008000 rios=8950 wios=1252 dbytes=50331648 dios=3021 cost.vrate=100.00 cost.usage=5
    253:1  cost.usage=12 cost.wait=3 cost.indebt=2 cost.indelay=1
    7:0 use_delay=1 delay_nsec=500 depth=max avg_lat=3 win=4
    7:1 

    """

  static let pressure = """
    some avg10=0.12 avg60=3.45 avg300=100.00 total=157622151
    full avg10=0.00 avg60=0.00 avg300=0.01 total=0

    """

  static let ioCostQoS =
    "8:16 enable=1 ctrl=auto rpct=95.00 rlat=75000 wpct=95.00 wlat=150000 min=50.00 max=150.00"

  static let ioCostModel =
    "8:16 ctrl=user model=linear rbps=2706339840 rseqiops=89698 rrandiops=110036 wbps=1063126016 wseqiops=135560 "
    + "wrandiops=130734"

  static let mountinfo = """
    22 28 0:21 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw
    30 22 0:26 / /sys/fs/cgroup\\040v2/x\\134y rw,nosuid shared:9 master:3 - cgroup2 cgroup2 rw,nsdelegate
    31 22 0:27 /a /other rw - cgroup2 cgroup2 rw

    """

  static let membership = """
    12:cpu,cpuacct:/
    1:name=systemd:/user.slice
    0::/user.slice/a:b (deleted)

    """
}
