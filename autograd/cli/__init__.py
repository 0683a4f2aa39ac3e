"""The command line of autograd."""
