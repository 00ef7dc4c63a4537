"""A card processor that speaks the protocol of cardlink.link: bills, a hosted payment page and signed postbacks."""
