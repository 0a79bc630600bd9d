"""What runs on the beat or on demand: short, batched, safe to run twice."""

from slotwise.former_paths import install

install()
