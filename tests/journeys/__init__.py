"""What a person does from the first look to the receipt, in a real browser, on real processes."""
