"""A mail host that delivers nothing and shows everything."""
