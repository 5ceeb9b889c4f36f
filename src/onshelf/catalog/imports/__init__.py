"""Goods that come in: files and streams, from what was sent over its check and mending to the products of the shop."""
