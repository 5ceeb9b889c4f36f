"""A shop's authorisation: the link and the page that takes its code, live sessions, and when they end."""
