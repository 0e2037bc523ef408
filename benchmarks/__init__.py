"""Timings beside other tools doing the same work: one run, one machine, one core each, ratios and peak memory."""
