"""Hot loops in C++ over Arrow buffers, each with a plain-Python definition under tests/kernels."""
