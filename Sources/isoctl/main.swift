print("isoctl")
