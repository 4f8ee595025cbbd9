"""What the glass refuses or bounds: arguments, numbers that are none, changed parts, threads, memory."""
