"""Payments: each attempt to pay, checked with the processor before a cent is credited."""
