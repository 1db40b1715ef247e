"""The web chat: the page, the script that other pages embed, and their static files."""
