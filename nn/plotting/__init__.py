"""Plots of training: ``nn.sketch`` (terminal) draws text, ``nn.plot`` (mpl) uses matplotlib."""
