"""Look-alikes of the outside providers, on loopback: for the demo, the tests and the benchmark."""
