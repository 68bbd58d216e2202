"""What an owner wants when he writes in his own words: an intent, without a large model."""
