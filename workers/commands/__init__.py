"""The commands of `slotwise`, one file each."""
