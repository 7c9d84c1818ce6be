"""Measures isolated's IO scheduler beside the kernel's mechanisms: the host's side, and all that is pure."""
