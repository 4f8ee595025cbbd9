"""Long work that goes on while a reader looks: its process, its progress, stopping it."""
