"""django-oscar's checkout with the one method its documents tell every shop to write: `handle_payment`."""
