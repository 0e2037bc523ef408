"""What licence a file of code is under, and whether it is one of those asked for."""
