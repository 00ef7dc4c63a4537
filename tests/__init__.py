"""What the shop promises, as tests."""
