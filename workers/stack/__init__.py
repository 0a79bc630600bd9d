"""The one-machine stack: every process as a supervised child, and the demo on top of it."""
