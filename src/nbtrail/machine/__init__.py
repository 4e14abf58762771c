"""What is known of this machine: its processes, its file systems, and what tells it from others."""
