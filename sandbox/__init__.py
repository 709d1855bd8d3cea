"""A local HubSpot portal: OAuth, CRM API, signed webhooks, record pages. No account needed.

Shares no code with the product; whoever talks to it sees only HTTP. Start: `python -m sandbox`.
"""
