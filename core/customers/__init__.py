"""All that is kept of one customer: found, shown as a file, erased with a receipt."""
