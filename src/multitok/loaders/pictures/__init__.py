"""Headers of picture files: one module a format, each with `read(r: Reader) -> Header`."""
