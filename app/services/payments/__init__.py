"""Payments: money that was asked for, came, and went back, whoever the provider is."""
