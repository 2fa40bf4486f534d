"""A plain django-oscar shop in production settings: what our purchase is measured against."""
