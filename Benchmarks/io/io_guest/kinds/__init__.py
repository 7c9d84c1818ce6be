"""One function for each kind of case: (bench, case) to a result that JSON can hold."""

from . import calibrate, contention, division, observe, promises, rates, reservation, solo, tune

BY_KIND = {
    "rates": rates.measure,
    "solo": solo.measure,
    "tune": tune.measure,
    "calibrate": calibrate.measure,
    "observe": observe.measure,
    "contention": contention.measure,
    "alone": division.measure_alone,
    "division": division.measure,
    "reservation": reservation.measure,
    "promises": promises.measure,
}
