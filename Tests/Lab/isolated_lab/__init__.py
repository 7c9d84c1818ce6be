"""The lab: a real Debian guest with cgroup v2 controllers, in which the tests that need them run."""
