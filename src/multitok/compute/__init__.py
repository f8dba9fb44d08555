"""What training a model and serving it take: work, hours of accelerators, dollars.

    spans         a number with its range, and how people write one: 15T, 300B, 40%, $2-$4
    accelerators  peaks, memory and list prices of hardware, each with its source (a TOML file)
    utilization   which share of a peak is reached, as published
    model         parameters, and what attention adds
    data          the tokens of a data set: a number, or what `multitok count --json` wrote
    serving       the roofline: compute against memory, one request or a batch
    economy       all of it, and the served tokens at which the two costs are equal

Standard library only. Figures are estimates over many orders of magnitude, so they are floats with
a range; money that is owed is `Decimal`, in `prices`. Nothing here is a provider's own cost.
"""
