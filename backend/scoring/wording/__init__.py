"""The words of tasks and messages."""
