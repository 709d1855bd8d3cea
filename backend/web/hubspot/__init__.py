"""What HubSpot itself calls: webhooks, OAuth, the workflow action."""
