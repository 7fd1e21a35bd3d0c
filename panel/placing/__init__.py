"""The mathematics of a placement: the problem, the network, the solvers, and the certificate that needs none."""
