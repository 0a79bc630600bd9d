"""Bytes to values and back: framing, handshake, requests and replies. No I/O, no clock."""
