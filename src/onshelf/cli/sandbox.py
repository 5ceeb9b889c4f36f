"""`onshelf sandbox`: the platform's stand-in; needs nothing else of onshelf running."""
