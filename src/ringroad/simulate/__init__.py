"""Synthetic recordings with truth in a side channel. Nothing real passes through here."""
