"""What all sessions share: values that are kept for everyone, the memory that they may take, and what one may ask."""
