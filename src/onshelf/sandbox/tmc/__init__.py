"""The message service (TMC): frames, queues of consumer groups, who gets which message, and the socket that pushes them."""
