"""django-oscar on PostgreSQL, driven over HTTP: the baseline of the purchase row."""
