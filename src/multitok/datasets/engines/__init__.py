"""Ways to run the units of a scan: in this process, in processes of this machine, in an engine.

Each is a module with `run(jobs, asked, place, **words)`, which yields what each part says of itself
when it is written, in any order.
"""
