// A program that imports this library handles its errors and takes its descriptors without naming other modules.
@_exported import Faults
@_exported import struct Kernel.OwnedDescriptor
