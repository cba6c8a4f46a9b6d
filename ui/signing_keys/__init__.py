"""What administrators set up so that contracts can be signed: keys with their certificates, and the sending of codes."""
