"""Beside the flow: the console, health, metrics, and the page that acknowledges."""
