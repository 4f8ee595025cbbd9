"""Figures: arrays and labels in, a Plotly figure or a component's plain data out. No Streamlit, no torch."""
