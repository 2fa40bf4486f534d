"""Carts: what a visitor or a user means to buy. A cart holds no stock."""
