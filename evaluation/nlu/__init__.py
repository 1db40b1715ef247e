"""Understanding: which topic or intent a message is about. The sets lie beside, one file a topic."""
