"""The fault storm: orders and prolongations over real HTTP while everything goes wrong, then what came of it.

`python -m tests.storm --help`. A stand-in for the API injects faults by a seed, real Celery workers are killed and
started again, and others use the same accounts. Customers' orders wait for approval and have limits, and several people
decide about them at once. At the end the panel's rows are compared with the stand-in's ledger.
"""
