"""Pushed messages: opened, kept, confirmed, and handed to whom their topics concern; how each feed fares."""
