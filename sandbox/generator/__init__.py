"""Invents a portal from a seed: companies, people, activity, deals won and lost for reasons.

Its ideas of what sells are its own and known to nobody else; see `taste.py`.
"""
