"""Documents that say different things of one subject: found, shown to the owner, settled by him."""
