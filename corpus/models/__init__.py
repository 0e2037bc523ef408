"""Model files made elsewhere: what can be had, where it is kept, and getting it."""
