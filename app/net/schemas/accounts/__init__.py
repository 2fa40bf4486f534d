"""What accounts read and answer on the wire."""
