"""What runs inside of a tool's own environment: nothing here needs more than numpy and that tool."""
