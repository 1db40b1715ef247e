"""Text messages: the same door as the web chat, other ways in and out."""
