"""What pages are put together from: our components, choosers, charts, the stepper, the explained cell."""
