"""HTTP in, HTML out: a handler reads, calls one domain verb, answers."""
