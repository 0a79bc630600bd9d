"""Rules: pure computations on plain values. They await nothing and read no clock."""
