"""The two ways a command ends without a traceback: the work failed, or the command was asked wrongly."""


class UserError(Exception):
    """Work that cannot be done: one line naming the file, what is wrong with it and what to do. Exit code 1."""


class UnreadableInputError(UserError):
    """An input of which nothing can be made: empty, or of another format. Other inputs of the run may be fine."""


class UsageError(Exception):
    """A command, parameter or recipe that makes no sense as given: one line saying which and why. Exit code 2."""
