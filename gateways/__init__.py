"""Other people's computers: providers, processors and the mail host."""
