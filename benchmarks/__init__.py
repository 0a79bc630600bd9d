"""The benchmarks: ratios measured side by side, counted from outside."""
