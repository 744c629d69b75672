"""Control: orders by socket, command line, knob and file, and what is answered and shown."""
