"""What a reader takes home: pictures, numbers, code, a run, a report."""
