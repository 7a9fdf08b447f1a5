"""Fast time: the journal's waits, in proportion to the faults that the weather brings."""

#: A call that changes something must be answered within this; the weather's latency is longer.
CHANGE_SECONDS = 1.0
#: The latest moment after its sending at which a call that seemed lost takes effect.
LATEST_EFFECT_SECONDS = 2.5

#: Settings of the panel. A call is believed to be lost only after the latest effect has had its time.
SETTINGS = {
    "CHANGE_SECONDS": str(CHANGE_SECONDS),
    "LEASE_SECONDS": "3",
    "SETTLE_AFTER_SECONDS": "5",
    "LOOK_SECONDS": "1,2,3,4,5,8,12,20,30",
    "RETRY_SECONDS": "2",
    "SWEEP_SECONDS": "2",
    "ZADARMA_CALLS_A_MINUTE": "100000",
    "LOG_LEVEL": "WARNING",
}
#: Over these, for a panel at the rate of the real API, whose calls have the time that they have there.
REAL_RATE = {"ZADARMA_CALLS_A_MINUTE": "100", "CHANGE_SECONDS": "30", "LEASE_SECONDS": "120"}
