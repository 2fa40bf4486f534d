"""The blueprints of accounts."""

from app.net.middlewares.blueprints import ApiBlueprint

auth = ApiBlueprint("auth", url_prefix="/api/auth", tag="Accounts")
user = ApiBlueprint("user", url_prefix="/api/user", tag="Accounts")
admin_kyc = ApiBlueprint("admin_kyc", url_prefix="/api/admin/kyc", tag="Administration")
