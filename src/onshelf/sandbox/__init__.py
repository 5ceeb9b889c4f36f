"""A local stand-in for the Taobao Open Platform that real clients cannot tell from it. Imports nothing else of onshelf."""
