"""The two ways in which a run can end that are no script's own status."""

TIMEOUT_STATUS = 124
LAB_FAILURE_STATUS = 125


class LabError(Exception):
    """The lab itself failed: no image, no boot, a dead guest, a bad option."""


class LabTimeout(LabError):
    """The guest, or a script in it, ran out of its time."""


class Interrupted(BaseException):
    """A signal asked the runner to stop."""

    def __init__(self, signal_number):
        super().__init__(f"signal {signal_number}")
        self.signal_number = signal_number
