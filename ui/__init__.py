"""The app: the only code beside the pages that knows Streamlit."""
