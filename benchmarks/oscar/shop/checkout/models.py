"""No models of its own; django-oscar's are loaded from here."""

from oscar.apps.checkout.models import *  # noqa: F403
