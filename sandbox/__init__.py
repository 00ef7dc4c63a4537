"""The outside world on loopback: a provider, a card processor and a mail host, talked to over real sockets."""
