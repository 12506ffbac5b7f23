"""What a checkpoint holds, read from headers; nothing is ever unpickled."""
