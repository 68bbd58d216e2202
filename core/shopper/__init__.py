"""The mystery shopper: the same questions asked before a change goes live and every night, and what became of their
answers. The path that serves answers them, and nothing of it is kept but what the shopper was told.
"""
