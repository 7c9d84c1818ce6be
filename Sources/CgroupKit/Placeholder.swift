enum CgroupKitPlaceholder {}
