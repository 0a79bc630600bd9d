"""What runs on the beat or on demand: short, batched, safe to run twice."""
