"""The glass: hook points, traces, formulas. It knows no model."""
