"""The real engine and API under a simulated clock, interleaved and broken by a seed."""
