"""What each app may call: settings, what was told or learned, and the calendar of closures."""
