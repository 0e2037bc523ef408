"""Property tests here run on loaded machines and under sanitizers: no deadline for a single example."""

from hypothesis import HealthCheck, settings

settings.register_profile("kernels", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kernels")
