"""What every row shares: servers, load, interleaving, CPU accounting and the report."""
