"""A provider of honest marketing services that speaks API v2."""
