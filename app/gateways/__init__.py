"""Payment gateways: each processor's own language, in a file of its own."""
