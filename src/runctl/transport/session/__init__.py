"""The data channel of a Session Manager port session, as session-manager-plugin speaks it."""
