"""OpenAI's API, or a compatible one."""
